// Lane records of the kinds that come in great numbers as rows straight from their bytes. Must write what event-rows.ts writes of the
// decoded record, or nothing.
import type { BinaryTable, RowBinary } from '@yunjian/clickhouse';
import { hotPositions, kindOfValue, type LaneKind } from '@yunjian/contracts';
import { ColdLine } from './cold-line.ts';
import { HotLine } from './hot-line.ts';
import { HEARTBEATS, SETTLEMENTS, SURVEILLANCE, TRACE_EVENTS } from './tables.ts';

const hot = new HotLine();
const cold = new ColdLine();

type Write = (out: RowBinary) => void;

const { arrival, feed, partition, offset, index, eventTime, institution, document, content } =
  hotPositions('heartbeat');
const [DOCUMENT_BYTES, CONTENT_BYTES] = [22, 11];
/** What precedence has room for. */
const [MAX_PARTITION, MAX_INDEX, MAX_48] = [0xfff, 0xffff, 2 ** 48 - 1];
/** Of `reference` and the ledger nothing is of these kinds. */
const MAX_FEED = 2;
const TWO_32 = 0x1_0000_0000;
/** Room of a row beside its texts, of which a fee line's come twice. */
const ROOM_BYTES = 1_024;
const NONE = 1;

const [OPEN, METHOD, STAFF, PRESCRIPTION] = ['{', '"method":', '"staff":', '"prescriptionDrug":'].map((text) =>
  Buffer.from(text),
) as [Buffer, Buffer, Buffer, Buffer];
const [QUOTE, COMMA, CLOSE_BRACE] = [34, 44, 125];
const [CHECK, PRESENCE, STAFF_PRESENCE, STATUS] = (
  ['identityCheck', 'presence', 'staffPresence', 'cameraStatus'] satisfies LaneKind[]
).map((kind) => Buffer.from(kind)) as [Buffer, Buffer, Buffer, Buffer];

const settled = hotPositions('settlement');
const reversed = hotPositions('reversal');
const checked = hotPositions('identityCheck');
const present = hotPositions('presence');
const staffed = hotPositions('staffPresence');
const status = hotPositions('cameraStatus');
const alive = hotPositions('heartbeat');
const traced = hotPositions('trace');

interface DirectRow {
  table: BinaryTable;
  /** What is taken from the cold line; `empty`: nothing, and it must hold the envelope alone. */
  cold: 'empty' | 'envelope' | 'lines';
  /** Values on the hot line, the tag included. */
  values: number;
  write: Write;
}

const valuesOf = (positions: object) => Object.keys(positions).length + 1;
const surveillance = (positions: object, write: Write): DirectRow => ({
  table: SURVEILLANCE,
  cold: 'envelope',
  values: valuesOf(positions),
  write,
});

const DIRECT: Partial<Record<LaneKind, DirectRow>> = {
  settlement: { table: SETTLEMENTS, cold: 'lines', values: valuesOf(settled), write: settlementRow },
  reversal: { table: SETTLEMENTS, cold: 'envelope', values: valuesOf(reversed), write: reversalRow },
  identityCheck: surveillance(checked, (out) => {
    seen(out, CHECK, checked.device);
    hot.textOrNull(out, checked.person);
    hot.textOrNull(out, checked.terminal);
    hot.textOrNull(out, checked.result);
    hot.f64OrNull(out, checked.similarity);
    documentWith(out, METHOD, checked.method);
  }),
  presence: surveillance(present, (out) => {
    seen(out, PRESENCE, present.device);
    out.u8(NONE);
    hot.textOrNull(out, present.terminal);
    out.u8(NONE);
    hot.f64OrNull(out, present.persons);
    documentWith(out, null, 0);
  }),
  staffPresence: surveillance(staffed, (out) => {
    seen(out, STAFF_PRESENCE, staffed.device);
    out.u8(NONE);
    out.u8(NONE);
    hot.textOrNull(out, staffed.role);
    out.u8(0);
    out.f64(hot.truth(staffed.present) ? 1 : 0);
    documentWith(out, STAFF, staffed.staff);
  }),
  cameraStatus: surveillance(status, (out) => {
    seen(out, STATUS, status.device);
    out.u8(NONE);
    out.u8(NONE);
    hot.textOrNull(out, status.status);
    out.u8(NONE);
    documentWith(out, null, 0);
  }),
  heartbeat: {
    table: HEARTBEATS,
    cold: 'empty',
    values: valuesOf(alive),
    write: (out) => {
      hot.text(out, institution);
      hot.text(out, alive.device);
      hot.i64(out, eventTime);
      hot.i64(out, arrival);
      out.size(0);
    },
  },
  trace: { table: TRACE_EVENTS, cold: 'envelope', values: valuesOf(traced), write: traceRow },
};

/**
 * Writes the row of a lane record to its table's rows.
 * @returns the table; null, and nothing is written, when the record has to be decoded: of another kind, or with something uncommon in it
 */
export function writeDirect(value: Buffer, rowsOf: (table: BinaryTable) => RowBinary): BinaryTable | null {
  const kind = kindOfValue(value);
  const direct = kind === null ? undefined : DIRECT[kind];
  if (direct === undefined) return null;
  hot.read(value);
  if (!hot.ok || hot.count < direct.values) return null;
  if (direct.cold === 'empty') {
    if (!endsWithEnvelope(value)) return null;
  } else {
    cold.read(value, hot.behind, direct.cold === 'lines');
    if (!cold.ok) return null;
  }
  const out = rowsOf(direct.table);
  out.room(3 * value.length + ROOM_BYTES);
  direct.write(out);
  if (hot.ok) out.endRow();
  else out.dropRow();
  return hot.ok ? direct.table : null;
}

/** What is unknown of a sign of life would stand last, as an object. */
function endsWithEnvelope(value: Buffer): boolean {
  return value[value.length - 1] === CLOSE_BRACE && value[value.length - 2] === QUOTE;
}

function settlementRow(out: RowBinary): void {
  hot.text(out, institution);
  hot.text(out, settled.settlementId);
  hot.i64(out, eventTime);
  hot.text(out, settled.person);
  hot.text(out, settled.certificate);
  hot.text(out, settled.medicalType);
  hot.i64(out, settled.total);
  hot.i64(out, settled.fund);
  hot.textOrNull(out, settled.terminal);
  hot.flag(out, settled.byAgent);
  hot.textOrNull(out, settled.messageId);
  hot.textOrNull(out, settled.prescription);
  hot.i64OrNull(out, settled.begin);
  hot.i64OrNull(out, settled.end);
  hot.textOrNull(out, settled.diagnosis);
  out.u8(0);
  out.u8(NONE);
  out.u8(NONE);
  cold.lines(out);
  documentWith(out, null, 0);
}

function reversalRow(out: RowBinary): void {
  hot.text(out, institution);
  hot.text(out, reversed.settlementId);
  hot.i64(out, eventTime);
  hot.text(out, reversed.person);
  out.size(0);
  out.size(0);
  hot.i64(out, reversed.total);
  hot.i64(out, reversed.fund);
  out.u8(NONE);
  out.u8(0);
  for (let nulls = 0; nulls < 5; nulls++) out.u8(NONE);
  out.u8(1);
  hot.textOrNull(out, reversed.originalId);
  hot.textOrNull(out, reversed.originalMessageId);
  for (let arrays = 0; arrays < 5; arrays++) out.size(0);
  documentWith(out, null, 0);
}

function traceRow(out: RowBinary): void {
  hot.text(out, institution);
  hot.text(out, traced.action);
  hot.text(out, traced.item);
  hot.textOrNull(out, traced.code);
  hot.textOrNull(out, traced.batch);
  hot.textOrNull(out, traced.settlementId);
  hot.i64(out, traced.count);
  hot.i64(out, eventTime);
  hot.flagOrNull(out, traced.insured);
  hot.flag(out, traced.split);
  documentWith(out, PRESCRIPTION, traced.prescriptionDrug);
}

/** What all of surveillance begins with. */
function seen(out: RowBinary, kind: Buffer, device: number): void {
  hot.text(out, institution);
  out.textOf(kind, 0, kind.length);
  hot.i64(out, eventTime);
  hot.textOrNull(out, device);
}

/** @param key of a hot field that has no column and goes to the end of `detail`, null without one */
function documentWith(out: RowBinary, key: Buffer | null, position: number): void {
  cold.eventId(out);
  cold.source(out);
  const rest = cold.restLength;
  const comma = rest > 0 ? 1 : 0;
  out.size(rest + 2 + (key === null ? 0 : comma + key.length + hot.jsonLength(position)));
  out.raw(OPEN, 0, 1);
  cold.rest(out);
  if (key !== null) {
    if (comma > 0) out.u8(COMMA);
    out.raw(key, 0, key.length);
    hot.json(out, position);
  }
  out.u8(CLOSE_BRACE);
  hot.fixed(out, document, DOCUMENT_BYTES);
  hot.fixed(out, content, CONTENT_BYTES);
  origin(out);
}

function fits(value: number, greatest: number): boolean {
  return value >= 0 && value <= greatest;
}

/** Arrival, origin, and their precedence: the complement of each part, the index lowest. */
function origin(out: RowBinary): void {
  const [f, p, o, i] = [hot.integer(feed), hot.integer(partition), hot.integer(offset), hot.integer(index)];
  const at = hot.integer(arrival);
  if (!fits(f, MAX_FEED) || !fits(p, MAX_PARTITION) || !fits(o, MAX_48) || !fits(i, MAX_INDEX) || !fits(at, MAX_48))
    hot.ok = false;
  out.i64(at);
  out.u8(f);
  out.u16(p);
  out.i64(o);
  out.u16(i);
  const high = Math.floor(o / TWO_32);
  out.u16(~i & 0xffff);
  out.u32(~o);
  out.u16(~high & 0xffff);
  out.u16(~((f << 12) | p) & 0xffff);
  const later = Math.floor(at / TWO_32);
  out.u32(~at);
  out.u16(~later & 0xffff);
}
