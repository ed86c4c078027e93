// Alerts as the outside sees them (yj.alert.log), and what leads to them (yj.lane.alert): findings, operators' commands, ticks.
import { z } from 'zod';

export const DETECTOR_IDS = [
  'identity-check-missing',
  'identity-mismatch',
  'verification-unavailable',
  'empty-swipe',
  'card-cluster',
  'swipe-return-cycle',
  'pharmacist-absent',
  'prescription-missing',
  'large-amount',
  'night-settlement',
  'source-silent',
  'quarterly-spend',
  'same-period-index',
  'impossible-travel',
  'overlapping-stay',
  'readmission',
  'visit-during-stay',
  'excess-supply',
  'frequent-purchase',
  'settled-after-death',
  'duplicate-charge',
  'trace-repeated',
  'trace-not-purchased',
  'trace-product-mismatch',
  'trace-missing',
  'stock-mismatch',
] as const;
export type DetectorId = (typeof DETECTOR_IDS)[number];

const isoInstant = z.iso.datetime({ offset: true });
export const bilingual = z.object({ zh: z.string(), en: z.string() });
export type Bilingual = z.infer<typeof bilingual>;

export const alertLevel = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
/** 1–4 is 一–四级 (red, orange, yellow, blue). */
export type Level = z.infer<typeof alertLevel>;

/**
 * What an alert rests on. `of` says what it is more closely where the kind alone does not: a record of an identity check or of somebody's
 * presence and a camera, whose footage of the window shows it (`clip`); a budget (`rule`).
 */
export const evidenceRef = z.object({
  kind: z.enum(['settlement', 'clip', 'trace', 'rule']),
  of: z.enum(['check', 'device', 'budget']).optional(),
  ref: z.string(),
  sha256: z.string().optional(),
  uri: z.string().optional(),
});
export type EvidenceRef = z.infer<typeof evidenceRef>;

/** Kinds of subject; `subject.ref`: setl_id, trace code, `H…/2026Q4`, `P…/2026-11-23`, a person's pseudonym, a device id, a feed's name. */
export const subject = z.object({
  kind: z.enum(['settlement', 'code', 'institution', 'person', 'device', 'feed', 'drug', 'partition']),
  ref: z.string(),
});
export type Subject = z.infer<typeof subject>;

export const alertState = z.object({
  raised: z.boolean(),
  acked: z.boolean(),
  shelved: z.boolean(),
  disposed: z.boolean(),
});
export type AlertState = z.infer<typeof alertState>;

export const TRANSITION_ACTIONS = [
  'raise',
  'amend',
  'withdraw',
  'ack',
  'unack',
  'assign',
  'shelve',
  'unshelve',
  'escalate',
  'dispose',
  'comment',
] as const;

export const transition = z.object({
  action: z.enum(TRANSITION_ACTIONS),
  /** `system` for what a detector did, else the operator's name. */
  by: z.string(),
  reason: z.string(),
});
export type Transition = z.infer<typeof transition>;

/** One record of yj.alert.log: the alert as of that version. Amounts in yuan text, instants ISO 8601 with offset. */
export const alertRecord = z.object({
  alert_id: z.string(),
  version: z.int().min(1),
  detector: z.string(),
  rule_version: z.string(),
  level: alertLevel,
  state: alertState,
  fixmedins_code: z.string().nullable(),
  grid: z.array(z.string()),
  subject,
  window: z.object({ start: isoInstant, end: isoInstant }),
  event_time: isoInstant,
  detected_at: isoInstant,
  updated_at: isoInstant,
  amount: z.string().nullable(),
  title: bilingual,
  facts: z.record(z.string(), z.unknown()),
  evidence: z.array(evidenceRef),
  transition,
  assignee: z.string().nullable().optional(),
  disposal: z.string().nullable().optional(),
  /** While shelved: until when. */
  shelved_until: isoInstant.nullable().optional(),
  /** How often it was escalated since it last began to wait for an acknowledgement. */
  escalation: z.int().min(0).optional(),
});
export type AlertRecord = z.infer<typeof alertRecord>;

/** Which lane position made a finding: a reader drops what is not above the last it took from that (processor, lane, partition). */
export const cause = z.object({
  processor: z.string(),
  lane: z.string(),
  partition: z.int().min(0),
  offset: z.int().min(0),
  index: z.int().min(0),
});
export type Cause = z.infer<typeof cause>;

/** What a detector or a ledger rule says about one subject; `raise` on a standing alert amends it. */
export const finding = z.object({
  type: z.literal('finding'),
  cause,
  action: z.enum(['raise', 'withdraw']),
  alert_id: z.string(),
  detector: z.string(),
  rule_version: z.string(),
  level: alertLevel,
  fixmedins_code: z.string().nullable(),
  grid: z.array(z.string()),
  subject,
  window: z.object({ start: isoInstant, end: isoInstant }),
  event_time: isoInstant,
  amount: z.string().nullable(),
  title: bilingual,
  facts: z.record(z.string(), z.unknown()),
  evidence: z.array(evidenceRef),
  /** Why, for the history: which fact raised, amended or withdrew it. English or a detector's bilingual text in `facts`. */
  reason: z.string(),
});
export type Finding = z.infer<typeof finding>;

export const COMMAND_ACTIONS = [
  'ack',
  'unack',
  'assign',
  'shelve',
  'unshelve',
  'escalate',
  'dispose',
  'comment',
] as const;

/** An operator's command. `idem` names it: the same idem again gets the same outcome and changes nothing. */
export const command = z.object({
  type: z.literal('command'),
  idem: z.string().min(1).max(128),
  alert_id: z.string().min(1).max(128),
  if_version: z.int().min(1),
  action: z.enum(COMMAND_ACTIONS),
  by: z.string().min(1).max(128),
  reason: z.string().max(2000),
  /** assign: to whom; default: `by`. */
  assignee: z.string().max(128).optional(),
  /** shelve: until when; default: eight hours on, by alerting's clock. */
  until: isoInstant.optional(),
  /** dispose: what was found (confirmed, unfounded, excused …); default: `handled`. */
  outcome: z.string().max(64).optional(),
});
export type Command = z.infer<typeof command>;

/** Alerting's clock: one a second by the active alerting. */
export const alertTick = z.object({ type: z.literal('tick') });

/** The outcome of a command, on yj.command.reply under its idem key. */
export const commandReply = z.object({
  idem: z.string(),
  alert_id: z.string(),
  outcome: z.enum(['done', 'version_conflict', 'unknown_alert', 'refused']),
  /** Why it was refused, for the operator. */
  message: z.string(),
  /** The alert as it now stands (done, version_conflict), else null. */
  alert: alertRecord.nullable(),
});
export type CommandReply = z.infer<typeof commandReply>;

export const laneAlertRecord = z.discriminatedUnion('type', [finding, command, alertTick]);
export type LaneAlertRecord = z.infer<typeof laneAlertRecord>;
