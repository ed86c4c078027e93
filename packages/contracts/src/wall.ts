// wall.v1 as schemas: what a client may say over the socket, what the gateway answers, and what the HTTP API takes.
import { z } from 'zod';
import { alertLevel, alertRecord, alertState, COMMAND_ACTIONS, transition } from './alert.ts';

export const WALL_SUBPROTOCOL = 'wall.v1';

/** Close codes: 4000–4499 reconnect after `reconnect_after_ms`, 4500–4999 do not. */
export const WALL_CLOSE = {
  goingAway: 4000,
  noHello: 4001,
  unansweredPing: 4002,
  tooSlow: 4003,
  tooManyMessages: 4004,
  badMessage: 4500,
  badToken: 4501,
} as const;

const isoInstant = z.iso.datetime({ offset: true });
const id = z.string().min(1).max(64);

/** `open`: stands and nobody has taken it up; `active`: stands and is not disposed; the rest are the flags of `state`, `withdrawn` is `raised` false. */
export const ALERT_STATES = ['raised', 'withdrawn', 'acked', 'shelved', 'disposed', 'open', 'active'] as const;

const MAX_VALUES = 64;
const oneOrMany = <T extends z.ZodType>(item: T) =>
  z.union([item.transform((one) => [one]), z.array(item).min(1).max(MAX_VALUES)]).optional();
const filterText = z.string().min(1).max(128);

/**
 * Which alerts a subscription wants. Each field takes one value or up to 64, any of which fits; fields are joined by *and*. Unknown
 * fields are refused: a filter that silently matches everything is worse than none.
 */
export const alertFilter = z.strictObject({
  detector: oneOrMany(filterText),
  fixmedins_code: oneOrMany(filterText),
  /** County or district: second step of `grid`. */
  district: oneOrMany(filterText),
  /** Any step of `grid`. */
  grid: oneOrMany(filterText),
  level: oneOrMany(z.int().min(1).max(4)),
  state: oneOrMany(z.enum(ALERT_STATES)),
  subject: oneOrMany(z.string().min(1).max(256)),
});

/** What an operator asks of an alert, over HTTP and over the socket alike. */
export const alertActionFields = {
  idem: z.string().min(1).max(128),
  if_version: z.int().min(1),
  action: z.enum(COMMAND_ACTIONS),
  reason: z.string().max(2000).default(''),
  /** assign: to whom; default: the operator who commands. */
  assignee: z.string().min(1).max(128).optional(),
  /** shelve: until when; default: eight hours on, by alerting's clock. */
  until: isoInstant.optional(),
  /** dispose: what was found; default: `handled`. */
  outcome: z.string().min(1).max(64).optional(),
};

export const wallClientMessage = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), token: z.string().max(1024), app: z.unknown().optional() }),
  z.object({
    t: z.literal('sub'),
    id,
    filter: alertFilter.default({}),
    since: z.object({ epoch: z.string().max(128), pos: z.string().max(64) }).optional(),
  }),
  z.object({ t: z.literal('unsub'), id }),
  z.object({ t: z.literal('pong') }),
  z.object({ t: z.literal('cmd'), id, alert_id: z.string().min(1).max(128), ...alertActionFields }),
]);
export type WallClientMessage = z.output<typeof wallClientMessage>;

export const sourceState = z.object({
  name: z.string(),
  /** `never`: nothing of it was ever seen; `stale`: its clock stands still, or it has been silent too long. */
  state: z.enum(['live', 'stale', 'never']),
  last_event_at: isoInstant.nullable(),
  /** Everything of it that arrived by then has been merged. */
  clock_at: isoInstant.nullable(),
});

export const gatewayFeed = z.object({
  state: z.enum(['live', 'stale']),
  /** Records of the alert log not read yet, as last measured. */
  behind: z.int().min(0).nullable(),
  current_at: isoInstant.nullable(),
});

export const WALL_ERROR_CODES = [
  'bad_message',
  'not_greeted',
  'too_many_subscriptions',
  'version_conflict',
  'unknown_alert',
  'refused',
  'unanswered',
] as const;

const standing = { server_time: isoInstant, sources: z.array(sourceState), gateway: gatewayFeed };

/**
 * `epoch`, `pos`, `from` and `to` are opaque to a client; a delta applies only if its `from` equals the last `to`, and where it says `more`
 * the same step goes on in the next one.
 */
export const wallServerMessage = z.discriminatedUnion('t', [
  z.object({ t: z.literal('welcome'), session: z.string(), ping_ms: z.int(), operator: z.string(), ...standing }),
  z.object({
    t: z.literal('snap'),
    id,
    part: z.int().min(0),
    last: z.boolean(),
    epoch: z.string(),
    to: z.string(),
    alerts: z.array(alertRecord),
  }),
  z.object({
    t: z.literal('delta'),
    id,
    epoch: z.string(),
    from: z.string(),
    to: z.string(),
    more: z.literal(true).optional(),
    ops: z.array(
      z.discriminatedUnion('op', [
        z.object({ op: z.literal('put'), alert: alertRecord }),
        z.object({ op: z.literal('del'), alert_id: z.string() }),
      ]),
    ),
  }),
  z.object({ t: z.literal('reset'), id, reason: z.string() }),
  z.object({ t: z.literal('ping'), ...standing }),
  z.object({ t: z.literal('ack'), id, idem: z.string().optional(), alert: alertRecord.nullable().optional() }),
  z.object({
    t: z.literal('err'),
    id: id.nullable(),
    code: z.enum(WALL_ERROR_CODES),
    message: z.string(),
    temporary: z.boolean(),
    alert: alertRecord.nullable().optional(),
  }),
  z.object({ t: z.literal('bye'), code: z.int(), reconnect_after_ms: z.int().nullable() }),
]);
export type WallServerMessage = z.output<typeof wallServerMessage>;

/** Body of POST /api/alerts/:id/actions. */
export const wallAction = z.strictObject(alertActionFields);

/** One step of an alert's history, oldest first. */
export const wallHistoryStep = z.object({
  version: z.int().min(1),
  updated_at: isoInstant,
  level: alertLevel,
  state: alertState,
  amount: z.string().nullable(),
  transition,
  assignee: z.string().nullable(),
  /** What a disposal found. */
  disposal: z.string().nullable(),
  /** While shelved: until when. */
  shelved_until: isoInstant.nullable(),
});

export const wallAlertPage = z.object({ alerts: z.array(alertRecord), next_cursor: z.string().nullable() });
export const wallAlert = z.object({ alert: alertRecord, history: z.array(wallHistoryStep) });
export const wallActionDone = z.object({ alert: alertRecord });
