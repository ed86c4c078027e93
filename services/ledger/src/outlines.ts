// Rows of persons in outline, as they stand beside the records: one JSON array each, so that those of a person are read in one go.
import type { LaneEvent } from '@yunjian/contracts';
import { type LedgerRow, outlineOf, PersonOutline, type SettlementOutline } from '@yunjian/detection';

type Value = string | number | null;
/** `[partition, position, kind]`, and of a settlement what is behind it; each line three values. Only ever append kinds. */
export type OutlineRow = Value[];

/** What a row adds to an outline. */
const [NOTHING, DEATH, SETTLEMENT] = [0, 1, 2];
const [BY_AGENT, IN_PERSON] = [1, 2];
const [HEAD, VALUES_OF_LINE] = [9, 3];

export interface Outlined {
  /** Of its rows, ascending. */
  positions: readonly number[];
  /** Null: some row has no outline. */
  person: PersonOutline | null;
}

export function outlineRow(partition: number, { position, event }: LedgerRow): OutlineRow {
  if (event.kind !== 'settlement') return [partition, position, isDeath(event) ? DEATH : NOTHING];
  const { eventTime, institution, medicalType, byAgent, inPerson, begin, end, lines } = outlineOf(event);
  const flags = (byAgent ? BY_AGENT : 0) | (inPerson ? IN_PERSON : 0);
  const row: OutlineRow = [partition, position, SETTLEMENT, eventTime, institution, medicalType, flags, begin, end];
  for (const { item, days, at } of lines) row.push(item, days, at === null ? null : at - eventTime);
  return row;
}

function isDeath(event: LaneEvent): boolean {
  return event.kind === 'personStatus' && event.status === 'deceased';
}

/** Of whole histories. */
export function outlinesOf(
  partition: number,
  histories: ReadonlyMap<string, readonly LedgerRow[]>,
): Map<string, Outlined> {
  const of = (rows: readonly LedgerRow[]) =>
    outlined(
      partition,
      rows.map((row) => outlineRow(partition, row)),
    );
  return new Map([...histories].map(([subject, rows]) => [subject, of(rows)]));
}

/** @param rows of any partition, in any order, some of them twice */
export function outlined(partition: number, rows: OutlineRow[]): Outlined {
  const positions: number[] = [];
  const settlements: SettlementOutline[] = [];
  let isDead = false;
  let last = -1;
  for (const row of inOrder(rows)) {
    const position = row[1] as number;
    if (row[0] !== partition || position === last) continue;
    last = position;
    positions.push(position);
    if (row[2] === SETTLEMENT) settlements.push(settlementOf(row));
    else isDead ||= row[2] === DEATH;
  }
  return { positions, person: new PersonOutline(settlements, isDead) };
}

function inOrder(rows: OutlineRow[]): OutlineRow[] {
  for (let i = 1; i < rows.length; i++)
    if (positionOf(rows, i) < positionOf(rows, i - 1)) return rows.sort((a, b) => (a[1] as number) - (b[1] as number));
  return rows;
}

function positionOf(rows: OutlineRow[], i: number): number {
  return (rows[i] as OutlineRow)[1] as number;
}

function settlementOf(row: OutlineRow): SettlementOutline {
  const eventTime = row[3] as number;
  const flags = row[6] as number;
  const lines: SettlementOutline['lines'][number][] = [];
  for (let i = HEAD; i < row.length; i += VALUES_OF_LINE) {
    const after = row[i + 2] as number | null;
    lines.push({
      item: row[i] as string,
      days: row[i + 1] as number | null,
      at: after === null ? null : eventTime + after,
    });
  }
  return {
    eventTime,
    institution: row[4] as string,
    medicalType: row[5] as string,
    byAgent: (flags & BY_AGENT) !== 0,
    inPerson: (flags & IN_PERSON) !== 0,
    begin: row[7] as number | null,
    end: row[8] as number | null,
    lines,
  };
}
