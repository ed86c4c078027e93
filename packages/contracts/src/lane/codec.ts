// The lane encoding: a positional JSON array (hot), a line feed, a JSON object (cold). Written once by the router, read by every
// processor; a reader that needs no cold part never parses it. Positions are listed here and nowhere else.
import type { EventBase, LaneEvent, LaneKind, LaneRecord, Mark, Origin } from '../model.ts';
import { FEEDS, type Feed } from '../topics.ts';
import { ColdPart } from './cold.ts';
import { hotStarts, hotValue, scanHotLine } from './hot-line.ts';
import { same, sameText } from './sameness.ts';

const LF = 10;
const [BRACKET, QUOTE, COMMA, ZERO, MARK_BYTE, RULE_BYTE] = [91, 34, 44, 48, 109, 114];
const LEDGER = FEEDS.length;

type Kinded<K extends LaneEvent['kind']> = Extract<LaneEvent, { kind: K }>;
/** Hot fields of each kind behind the base; order is the wire order, so only ever append. */
const HOT: { [K in LaneEvent['kind']]: readonly (keyof Kinded<K>)[] } = {
  settlement: [
    'settlementId',
    'person',
    'certificate',
    'medicalType',
    'total',
    'fund',
    'terminal',
    'byAgent',
    'messageId',
    'prescription',
    'begin',
    'end',
    'diagnosis',
  ],
  reversal: ['settlementId', 'originalId', 'originalMessageId', 'person', 'total', 'fund'],
  identityCheck: ['device', 'result', 'method', 'person', 'terminal', 'similarity'],
  presence: ['device', 'persons', 'terminal'],
  staffPresence: ['role', 'present', 'staff', 'device'],
  cameraStatus: ['device', 'status'],
  heartbeat: ['device'],
  trace: ['action', 'item', 'count', 'code', 'batch', 'settlementId', 'insured', 'split', 'prescriptionDrug'],
  institution: ['category', 'level', 'grid', 'longitude', 'latitude', 'counters'],
  budget: ['year', 'quarter', 'amount', 'weights'],
  justification: ['year', 'quarter', 'validUntil'],
  personStatus: ['person', 'status', 'effectiveAt'],
  drug: ['item', 'prescriptionDrug', 'packSize', 'maxDays', 'prefixes'],
  codeSale: ['code', 'settlementId', 'messageId', 'lines'],
  codeSettlement: ['by', 'ref', 'settlementId', 'codes'],
  codeReversal: ['by', 'ref', 'reversalId'],
  codeReversed: ['code', 'settlementId', 'reversalId', 'voided'],
  purchasesSeen: ['month'],
  judged: [],
};

/** Own fields whose values come again with many records. */
const RECURRING: ReadonlySet<string> = new Set([
  'device',
  'terminal',
  'item',
  'result',
  'method',
  'certificate',
  'medicalType',
  'status',
  'role',
  'action',
]);

const KINDS = Object.keys(HOT) as LaneEvent['kind'][];
const TAG = new Map<string, number>(KINDS.map((kind, i) => [kind, i]));
const MARK_TAG = 'm';
const RULE_TAG = 'r';
const BASE = 9;

const BASE_FIELDS = [
  'arrival',
  'feed',
  'partition',
  'offset',
  'index',
  'eventTime',
  'institution',
  'document',
  'content',
] as const;

/** Where each field of a kind stands in the hot array, the tag at 0: for a reader that takes values from the bytes. */
export function hotPositions<K extends LaneEvent['kind']>(
  kind: K,
): Record<(typeof BASE_FIELDS)[number] | Exclude<keyof Kinded<K>, keyof EventBase | 'kind'>, number> {
  const fields = [...BASE_FIELDS, ...HOT[kind]];
  return Object.fromEntries(fields.map((field, i) => [field, i + 1])) as ReturnType<typeof hotPositions<K>>;
}

/** Lane record → Kafka value. */
export function encodeLane(record: LaneRecord): Buffer {
  if (record.kind === 'mark') return Buffer.from(JSON.stringify(markToWire(record)));
  if (record.kind === 'ruleChange') return Buffer.from(JSON.stringify([RULE_TAG, record.ruleVersion, record.rules]));
  return laneEncoder(record)(record.origin.index);
}

/** Encodes one event for several indexes of its origin: what does not depend on the index is encoded once. */
export function laneEncoder(event: LaneEvent): (index: number) => Buffer {
  const { feed, partition, offset } = event.origin;
  const before = `[${TAG.get(event.kind)},${event.arrival},${feedNumber(feed)},${partition},${offset},`;
  const behind = `,${JSON.stringify(HOT_VALUES[event.kind](event)).slice(1)}\n${event.cold.json()}`;
  return (index) => Buffer.from(before + index + behind);
}

/** Kafka value → lane record. Throws when the value is not one: lanes are written by the router alone, so that is a defect. */
export function decodeLane(value: Buffer): LaneRecord {
  const values = scanHotLine(value);
  if (values > 0) {
    const kind = kindOfValue(value);
    if (kind !== null && kind !== 'mark' && kind !== 'ruleChange' && values === 1 + BASE + HOT[kind].length)
      return READ[kind](value, ColdPart.fromBytes(value, (hotStarts[values] as number) + 1));
  }
  const end = value.indexOf(LF);
  const hot = JSON.parse(end < 0 ? value.toString('utf8') : value.toString('utf8', 0, end)) as unknown[];
  return recordOf(hot, () => ColdPart.fromBytes(value, end + 1));
}

/** As decodeLane, of an event whose two lines are at hand as texts: what was read from a database. */
export function decodeLaneLines(hot: string, cold: string): LaneRecord {
  return recordOf(JSON.parse(hot) as unknown[], () => ColdPart.fromText(cold));
}

function recordOf(hot: unknown[], cold: () => ColdPart<never>): LaneRecord {
  const tag = hot[0];
  if (tag === MARK_TAG) return markFromWire(hot);
  if (tag === RULE_TAG) return { kind: 'ruleChange', ruleVersion: hot[1] as string, rules: hot[2] };
  const kind = KINDS[tag as number];
  if (kind === undefined)
    throw new Error(`a lane record's tag must be 0 to ${KINDS.length - 1}, "m" or "r", got ${JSON.stringify(tag)}`);
  return DECODE[kind](hot, cold());
}

/** Whether a lane value is a mark, told from its first bytes. */
export function isMarkValue(value: Buffer): boolean {
  return value.length > 3 && value[0] === 91 && value[1] === 34 && value[2] === 109;
}

/** Which kind a lane value is of, told from its first bytes; null where they say none. */
export function kindOfValue(value: Buffer): LaneKind | null {
  if (value[0] !== BRACKET) return null;
  if (value[1] === QUOTE) return value[2] === MARK_BYTE ? 'mark' : value[2] === RULE_BYTE ? 'ruleChange' : null;
  let tag = 0;
  let i = 1;
  for (; i < value.length && i < 4; i++) {
    const digit = (value[i] as number) - ZERO;
    if (digit < 0 || digit > 9) break;
    tag = tag * 10 + digit;
  }
  return i > 1 && value[i] === COMMA ? (KINDS[tag] ?? null) : null;
}

function feedNumber(feed: Origin['feed']): number {
  return feed === 'ledger' ? LEDGER : FEEDS.indexOf(feed);
}

type Decoder = (hot: unknown[], cold: ColdPart<never>) => LaneEvent;

/** One literal-building function per kind: every record of a kind has one hidden class, which keeps property reads fast. */
function compileDecoder(kind: LaneEvent['kind']): Decoder {
  const read = (field: string, i: number) => (RECURRING.has(field) ? `same(h[${i}])` : `h[${i}]`);
  const own = HOT[kind].map((field, i) => `${JSON.stringify(field)}: ${read(field, BASE + 1 + i)}`).join(', ');
  const source = `return { kind: ${JSON.stringify(kind)}, arrival: h[1], origin: { feed: FEED[h[2]], partition: h[3], offset: h[4], index: h[5] },
    eventTime: h[6], institution: same(h[7]), document: h[8], content: h[9], cold, ${own} };`;
  const build = new Function('h', 'cold', 'FEED', 'same', source) as (
    h: unknown[],
    cold: unknown,
    feeds: readonly string[],
    recurring: (text: unknown) => unknown,
  ) => LaneEvent;
  const feeds = [...FEEDS, 'ledger'];
  const recurring = (text: unknown) => (typeof text === 'string' ? same(text) : text);
  return (hot, cold) => build(hot, cold, feeds, recurring);
}

const DECODE = Object.fromEntries(KINDS.map((kind) => [kind, compileDecoder(kind)])) as Record<
  LaneEvent['kind'],
  Decoder
>;

type Reader = (value: Buffer, cold: ColdPart<never>) => LaneEvent;

/** As a decoder, of a plain line whose values `hotStarts` tells. */
function compileReader(kind: LaneEvent['kind']): Reader {
  const read = (i: number, by = 'read') => `${by}(v, at[${i}], at[${i + 1}] - 1)`;
  const by = (field: string) => (RECURRING.has(field) ? 'same' : 'read');
  const own = HOT[kind].map((field, i) => `${JSON.stringify(field)}: ${read(BASE + 1 + i, by(field))}`).join(', ');
  const source = `return { kind: ${JSON.stringify(kind)}, arrival: ${read(1)}, origin: { feed: FEED[${read(2)}], partition: ${read(3)}, offset: ${read(4)}, index: ${read(5)} },
    eventTime: ${read(6)}, institution: ${read(7, 'same')}, document: ${read(8)}, content: ${read(9)}, cold, ${own} };`;
  const build = new Function('v', 'cold', 'FEED', 'at', 'read', 'same', source);
  const feeds = [...FEEDS, 'ledger'];
  return (value, cold) => build(value, cold, feeds, hotStarts, hotValue, sameText) as LaneEvent;
}

const READ = Object.fromEntries(KINDS.map((kind) => [kind, compileReader(kind)])) as Record<LaneEvent['kind'], Reader>;

/** The hot values behind the origin, in wire order. */
function compileHotValues(kind: LaneEvent['kind']): (event: LaneEvent) => unknown[] {
  const own = HOT[kind].map((field) => `, e[${JSON.stringify(field)}]`).join('');
  return new Function('e', `return [e.eventTime, e.institution, e.document, e.content${own}];`) as (
    event: LaneEvent,
  ) => unknown[];
}

const HOT_VALUES = Object.fromEntries(KINDS.map((kind) => [kind, compileHotValues(kind)])) as Record<
  LaneEvent['kind'],
  (event: LaneEvent) => unknown[]
>;

function markToWire(mark: Mark): unknown[] {
  return [
    MARK_TAG,
    mark.entries.map((e) => [FEEDS.indexOf(e.feed), e.partition, e.next, e.arrival, e.lastEvent]),
    FEEDS.map((feed) => mark.partitions[feed]),
  ];
}

function markFromWire(hot: unknown[]): Mark {
  const entries = (hot[1] as [number, number, number, number, number | null][]).map(
    ([feed, partition, next, arrival, lastEvent]) => ({
      feed: FEEDS[feed] as Feed,
      partition,
      next,
      arrival,
      lastEvent,
    }),
  );
  const counts = hot[2] as number[];
  return {
    kind: 'mark',
    entries,
    partitions: Object.fromEntries(FEEDS.map((feed, i) => [feed, counts[i] as number])) as Record<Feed, number>,
  };
}

/** Whether origin `a` lies above origin `b` of the same raw partition. */
export function originAbove(a: Pick<Origin, 'offset' | 'index'>, b: Pick<Origin, 'offset' | 'index'>): boolean {
  return a.offset > b.offset || (a.offset === b.offset && a.index > b.index);
}

/** Order of documents with one identity: the lowest (arrival, topic, partition, offset, index) is the first. Negative: `a` is first. */
export function compareDocuments(
  a: Pick<EventBase, 'arrival' | 'origin'>,
  b: Pick<EventBase, 'arrival' | 'origin'>,
): number {
  return (
    a.arrival - b.arrival ||
    feedNumber(a.origin.feed) - feedNumber(b.origin.feed) ||
    a.origin.partition - b.origin.partition ||
    a.origin.offset - b.origin.offset ||
    a.origin.index - b.origin.index
  );
}
