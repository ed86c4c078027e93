// Routing: a pure function of a raw record and its arrival. Which lanes an event enters, under which key, in which order.
import {
  type CodeReversal,
  type CodeSale,
  type CodeSettlement,
  ColdPart,
  type Feed,
  type Lane,
  type LaneEvent,
  laneEncoder,
  type Origin,
  type Pseudonymiser,
  parseRawEvent,
  type Reason,
  type Reversal,
  type Settlement,
  type Trace,
  toModel,
  type YunjianEvent,
} from '@yunjian/contracts';
import { partitionFor } from '@yunjian/kafka';

export interface RawRecord {
  feed: Feed;
  partition: number;
  offset: number;
  /** The broker's timestamp, ms. */
  arrival: number;
  value: Buffer | null;
}

export interface RouteOptions {
  pseudonymiser: Pseudonymiser;
  lanePartitions: number;
  replay: boolean;
}

export interface LaneOutput {
  lane: Lane;
  partition: number;
  key: string;
  value: Buffer;
}

export type Routed =
  | { ok: true; outputs: LaneOutput[] }
  | { ok: false; reason: Reason; issues: { path: string; message: string }[] };

/** Origins ascend with the outputs; the same record gives the same outputs for ever. */
export function route(record: RawRecord, options: RouteOptions): Routed {
  const parsed = parseRawEvent(record.value, { arrival: record.arrival, replay: options.replay, feed: record.feed });
  if (!parsed.ok) return parsed;
  const origin: Origin = { feed: record.feed, partition: record.partition, offset: record.offset, index: 0 };
  const event = toModel(parsed.event, { arrival: record.arrival, origin }, options.pseudonymiser);
  const outputs: LaneOutput[] = [];
  let last: { event: LaneEvent; encode: (index: number) => Buffer } | null = null;
  layEvent(event, options.lanePartitions, (lane, partition, key, made) => {
    if (last?.event !== made) last = { event: made, encode: laneEncoder(made) };
    outputs.push({ lane, partition, key, value: last.encode(outputs.length) });
  });
  return { ok: true, outputs };
}

/** What enters which lane of an event that was routed once before, such as one of the archive; in the order of origins. */
export function layEvent(
  event: YunjianEvent,
  lanePartitions: number,
  put: (lane: Lane, partition: number, key: string, made: LaneEvent) => void,
): void {
  const lay: Lay = (lane, key, made) => put(lane, partitionFor(key, lanePartitions), key, made);
  const everywhere: Everywhere = (lane, made) => {
    for (let partition = 0; partition < lanePartitions; partition++) put(lane, partition, made.institution, made);
  };
  layOut(event, lay, everywhere);
}

/** As `route`; a defect of ours met on one record refuses that record as `poison`, with the stack, and stops nothing. */
export function routeSafely(record: RawRecord, options: RouteOptions): Routed {
  try {
    return route(record, options);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ok: false, reason: 'poison', issues: [{ path: '', message }] };
  }
}

type Lay = (lane: Lane, key: string, event: LaneEvent) => void;
type Everywhere = (lane: Lane, event: LaneEvent) => void;

/** The institution lane first, so that there the index of an origin is above 0 in further copies of what enters every partition alone. */
function layOut(event: YunjianEvent, lay: Lay, everywhere: Everywhere): void {
  switch (event.kind) {
    case 'settlement':
      lay('institution', event.institution, event);
      lay('person', event.person, event);
      layCodes(event, lay);
      return;
    case 'reversal':
      lay('institution', event.institution, event);
      lay('person', event.person, event);
      layReversal(event, lay);
      return;
    case 'trace':
      lay('institution', event.institution, event);
      if (event.code !== null) layTrace(event, event.code, lay);
      return;
    case 'institution':
      lay('institution', event.institution, event);
      everywhere('person', event);
      everywhere('code', event);
      return;
    case 'personStatus':
      everywhere('institution', event);
      lay('person', event.person, event);
      return;
    case 'drug':
      everywhere('institution', event);
      everywhere('person', event);
      everywhere('code', event);
      return;
    default:
      lay('institution', event.institution, event);
  }
}

/**
 * Once per code, and once each under its settlement and its message, so that a reversal, which carries no codes, finds them. There also
 * without codes: what was uploaded for the settlement is undone through them, and a later document of that identity must lose to this one.
 */
function layCodes(event: Settlement, lay: Lay): void {
  const byCode = new Map<string, CodeSale['lines']>();
  for (const { codes, line, item, count, split } of event.cold.get().lines)
    for (const code of new Set(codes)) {
      const lines = byCode.get(code);
      if (lines === undefined) byCode.set(code, [{ line, item, count, split }]);
      else lines.push({ line, item, count, split });
    }
  const { institution, settlementId, messageId } = event;
  const base = baseOf(event);
  for (const [code, lines] of byCode)
    lay('code', code, { ...base, kind: 'codeSale', code, settlementId, messageId, lines });
  const codes = [...byCode.keys()];
  const named = (by: CodeSettlement['by'], ref: string): CodeSettlement => ({
    ...base,
    kind: 'codeSettlement',
    by,
    ref,
    settlementId,
    codes,
  });
  lay('code', codeKey(institution, 'settlement', settlementId), named('settlement', settlementId));
  if (messageId !== null) lay('code', codeKey(institution, 'message', messageId), named('message', messageId));
}

/** A sale uploaded for a settlement is undone by that settlement's reversal, also where the bill itself names no codes. */
function layTrace(event: Trace, code: string, lay: Lay): void {
  lay('code', code, event);
  if (event.action !== 'sale' || event.settlementId === null) return;
  const { institution, settlementId } = event;
  lay('code', codeKey(institution, 'settlement', settlementId), {
    ...baseOf(event),
    kind: 'codeSettlement',
    by: 'settlement',
    ref: settlementId,
    settlementId,
    codes: [code],
  });
}

function layReversal(event: Reversal, lay: Lay): void {
  const by = event.originalId !== null ? 'settlement' : 'message';
  const ref = event.originalId ?? (event.originalMessageId as string);
  const reversal: CodeReversal = { ...baseOf(event), kind: 'codeReversal', by, ref, reversalId: event.settlementId };
  lay('code', codeKey(event.institution, by, ref), reversal);
}

/** Key in the code lane under which a settlement's codes and its reversal meet. */
export function codeKey(institution: string, by: CodeSettlement['by'], ref: string): string {
  return `${institution}|${by === 'settlement' ? 's' : 'm'}|${ref}`;
}

function baseOf({ arrival, origin, eventTime, institution, document, content, cold }: YunjianEvent) {
  const { eventId, source } = cold.get();
  return { arrival, origin, eventTime, institution, document, content, cold: ColdPart.of({ eventId, source }) };
}
