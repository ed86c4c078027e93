// Settlements of which nothing is said and nothing waits, as bytes: covered by a check that names their person, or such as could make no
// claim. Whoever has something to learn of one wakes it; until then it is no object.
import { hotStarts, hotValue, type Settlement, sameText, scanRow } from '@yunjian/contracts';
import { PackedRows } from '@yunjian/detection';
import type { RowIndex } from '../row-index.ts';
import { type KeptSettlement, newlyKept } from './kept.ts';
import {
  coldStart,
  copyValues,
  endOf,
  endOfBytes,
  isText,
  recordBytes,
  type Terminals,
  valueStart,
} from './lane-bytes.ts';

/** Of the record. */
const [ARRIVAL, EVENT_TIME, INSTITUTION, ID, PERSON_AT, CERTIFICATE, FUND, MESSAGE] = [1, 6, 7, 10, 11, 12, 15, 18];
/** Of the row: [number, arrival, at, person, certificate, institution, id, fund, terminal, byAgent, message]. */
const [ROW_AT, ROW_PERSON, ROW_INSTITUTION, ROW_ID, ROW_TERMINAL, ROW_MESSAGE, ROW_VALUES] = [2, 3, 5, 6, 8, 10, 11];
/** Behind time and number in the index of a house. */
export const [PERSON, SETTLEMENT, MESSAGE_KEY, TERMINAL] = [2, 3, 4, 5];

type Row = [
  number: number,
  arrival: number,
  at: number,
  person: string,
  certificate: string,
  institution: string,
  id: string,
  fund: number,
  terminal: string | null,
  byAgent: boolean,
  messageId: string | null,
];

export class Resting {
  readonly rows = new PackedRows();
  readonly #terminals: Terminals;

  constructor(terminals: Terminals) {
    this.#terminals = terminals;
  }

  /** Keeps a settlement at rest; false, and nothing kept, where its record is not plain. */
  add(event: Settlement, index: RowIndex): boolean {
    const record = recordBytes(event);
    const hot = coldStart(record);
    if (hot === 0) return false;
    const { rows } = this;
    rows.open(hot);
    const { buffer } = rows;
    let at = copyValues(record, ARRIVAL, ARRIVAL, buffer, rows.free);
    at = copyValues(record, EVENT_TIME, EVENT_TIME, buffer, at);
    at = copyValues(record, PERSON_AT, CERTIFICATE, buffer, at);
    at = copyValues(record, INSTITUTION, INSTITUTION, buffer, at);
    at = copyValues(record, ID, ID, buffer, at);
    at = copyValues(record, FUND, MESSAGE, buffer, at);
    buffer[at - 1] = CLOSE;
    const number = rows.close(at);
    const { eventTime, person, settlementId, messageId, terminal } = event;
    const message = messageId === null ? 0 : endOf(messageId);
    index.add(eventTime, number, endOf(person), endOf(settlementId), message, this.#terminals.of(terminal));
    return true;
  }

  /** After a restart. @param indexOf of an institution's house */
  settle(indexOf: (institution: string) => RowIndex): void {
    const { rows } = this;
    rows.settle((number) => {
      const bytes = rows.bufferOf(number);
      scanRow(bytes, rows.startOf(number), ROW_VALUES);
      const start = (value: number) => hotStarts[value] as number;
      const end = (value: number) => start(value + 1) - 1;
      const at = hotValue(bytes, start(ROW_AT), end(ROW_AT)) as number;
      const person = endOfBytes(bytes, start(ROW_PERSON), end(ROW_PERSON));
      const id = endOfBytes(bytes, start(ROW_ID), end(ROW_ID));
      const named = bytes[start(ROW_MESSAGE)] === QUOTE;
      const message = named ? endOfBytes(bytes, start(ROW_MESSAGE), end(ROW_MESSAGE)) : 0;
      const terminal = this.#terminals.of(sameText(bytes, start(ROW_TERMINAL), end(ROW_TERMINAL)));
      const institution = sameText(bytes, start(ROW_INSTITUTION), end(ROW_INSTITUTION)) as string;
      indexOf(institution).add(at, number, person, id, message, terminal);
    });
  }

  /** As it is kept once it is awake. */
  read(number: number): KeptSettlement {
    const [, arrival, at, person, certificate, institution, id, fund, terminal, byAgent, messageId] = this.rows.read(
      number,
    ) as Row;
    const remote = certificate === '01' && terminal === null;
    return newlyKept({ institution, id, messageId, at, arrival, person, terminal, byAgent, remote, fund });
  }

  isOf(number: number, person: string): boolean {
    return isText(this.rows.bufferOf(number), this.personStart(number), person);
  }

  personStart(number: number): number {
    return valueStart(this.rows, number, ROW_PERSON);
  }
}

const [QUOTE, CLOSE] = [34, 93];
