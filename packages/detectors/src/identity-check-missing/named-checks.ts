// Checks that name a person, as bytes: a settlement asks whether one covers it, and nearly all are never looked at again.
import { hotStarts, hotValue, type IdentityCheck, sameText, scanRow } from '@yunjian/contracts';
import { PackedRows } from '@yunjian/detection';
import type { RowIndex } from '../row-index.ts';
import { clipSpan, findClip } from './clip-bytes.ts';
import { type Clip, clipText, type KeptCheck, keptCheckOf } from './kept-check.ts';
import {
  coldStart,
  copy,
  copyValues,
  endOf,
  endOfBytes,
  isSameText,
  isText,
  recordBytes,
  type Terminals,
  valueStart,
} from './lane-bytes.ts';
import type { Resting } from './resting.ts';

/** Of the record. */
const [ARRIVAL, EVENT_TIME, INSTITUTION, DOCUMENT, DEVICE, RESULT, PERSON_AT, SIMILARITY] = [
  1, 6, 7, 8, 10, 11, 13, 15,
];
/** Of the row: [number, arrival, at, person, terminal, similarity, institution, document, device, result, clip]. */
const [ROW_AT, ROW_PERSON, ROW_TERMINAL, ROW_INSTITUTION, ROW_RESULT, ROW_VALUES] = [2, 3, 4, 6, 9, 10];
const [PASSED, SKIPPED] = [1, 2];
/** Behind time and number in the index of a house. */
export const [PERSON, TOLD] = [2, 3];
const RESULTS: Record<string, number> = { passed: PASSED, skipped: SKIPPED };

type Row = [
  number: number,
  arrival: number,
  at: number,
  person: string,
  terminal: string | null,
  similarity: number | null,
  institution: string,
  document: string,
  device: string,
  result: string,
  clip: Clip | null,
];

/** What the index tells of a check beside its person: its result, and its terminal as it names it. */
export const isPassed = (told: number) => (told & PASSED) !== 0;
export const toldOf = (passed: boolean, skipped: boolean) => (passed ? PASSED : 0) | (skipped ? SKIPPED : 0);
/** 0: the registration tells. */
export const terminalNumber = (told: number) => told >> 2;

export class NamedChecks {
  readonly rows = new PackedRows();
  readonly #terminals: Terminals;

  constructor(terminals: Terminals) {
    this.#terminals = terminals;
  }

  /** Keeps a check that names a person; false, and nothing kept, where its record is not plain. */
  add(event: IdentityCheck, index: RowIndex): boolean {
    const record = recordBytes(event);
    const cold = coldStart(record);
    if (cold === 0) return false;
    const { rows } = this;
    const clip = findClip(record, cold) ? null : clipText(event);
    rows.open(record.length + (clip?.length ?? 0) * 3);
    const { buffer } = rows;
    let at = copyValues(record, ARRIVAL, ARRIVAL, buffer, rows.free);
    at = copyValues(record, EVENT_TIME, EVENT_TIME, buffer, at);
    at = copyValues(record, PERSON_AT, SIMILARITY, buffer, at);
    buffer[at - 1] = COMMA;
    at = copyValues(record, INSTITUTION, DOCUMENT, buffer, at);
    at = copyValues(record, DEVICE, RESULT, buffer, at);
    if (clip === null) {
      at += copy(record, clipSpan[0] as number, clipSpan[1] as number, buffer, at);
      buffer[at++] = CLOSE_OBJECT;
    } else at += buffer.write(clip, at);
    buffer[at++] = CLOSE;
    const number = rows.close(at);
    const told = (RESULTS[event.result] ?? 0) | (this.#terminals.of(event.terminal) << 2);
    index.add(event.eventTime, number, endOf(event.person as string), told);
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
      const result = sameText(bytes, start(ROW_RESULT), end(ROW_RESULT)) as string;
      const terminal = sameText(bytes, start(ROW_TERMINAL), end(ROW_TERMINAL));
      const person = endOfBytes(bytes, start(ROW_PERSON), end(ROW_PERSON));
      const told = (RESULTS[result] ?? 0) | (this.#terminals.of(terminal) << 2);
      const institution = sameText(bytes, start(ROW_INSTITUTION), end(ROW_INSTITUTION)) as string;
      indexOf(institution).add(at, number, person, told);
    });
  }

  read(number: number): KeptCheck {
    const [, arrival, at, person, terminal, similarity, institution, document, device, result, clip] = this.rows.read(
      number,
    ) as Row;
    const told = RESULTS[result] ?? 0;
    return keptCheckOf(document, [institution, at, arrival - at, device, terminal, person, told, similarity, clip]);
  }

  isOf(number: number, person: string): boolean {
    return isText(this.rows.bufferOf(number), this.#personStart(number), person);
  }

  /** Whether it names the person of a settlement at rest. */
  isOfSame(number: number, resting: Resting, settlement: number): boolean {
    const [a, b] = [this.rows.bufferOf(number), resting.rows.bufferOf(settlement)];
    return isSameText(a, this.#personStart(number), b, resting.personStart(settlement));
  }

  terminal(name: string | null): number {
    return this.#terminals.of(name);
  }

  #personStart(number: number): number {
    return valueStart(this.rows, number, ROW_PERSON);
  }
}

const [COMMA, CLOSE, CLOSE_OBJECT] = [44, 93, 125];
