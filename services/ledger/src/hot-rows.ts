// Whole histories of the subjects of one partition that were judged lately, in memory: of one partition nobody else adds a row. And which
// subjects are new: of those there is nothing to read.
import type { LedgerRow } from '@yunjian/detection';
import type { LedgerHistory, StoredRow } from './history.ts';
import type { SubjectFilter } from './subject-filter.ts';

/** Rows in memory, of all subjects of a partition together; one to two kilobytes each. */
const MOST_ROWS = 20_000;
/** A subject of more rows is read anew each time: it would drive out the others, and keeping costs as much as reading. */
const MOST_OF_ONE = 64;

type Source = Pick<LedgerHistory, 'insert' | 'read' | 'seen'>;

export class HotRows {
  readonly #history: Source;
  readonly #partition: number;
  readonly #most: number;
  /** The subject used last is last. */
  readonly #subjects = new Map<string, LedgerRow[]>();
  #rows = 0;
  #filter: SubjectFilter | null = null;
  /** Subjects of rows inserted since the filter was asked for; null: it was not. */
  #added: Set<string> | null = null;
  #failure: Error | null = null;

  /** Of whoever owns the partition now; another owner begins anew. */
  constructor(history: Source, partition: number, most = MOST_ROWS) {
    this.#history = history;
    this.#partition = partition;
    this.#most = most;
  }

  /** Learns which subjects there are; until then all may be. Never rejects: a failure is told by what is read next. Rows that others left on their way come by this owner again. */
  async learnSubjects(): Promise<void> {
    const added = this.#added ?? new Set<string>();
    this.#added = added;
    await this.#history.seen(this.#partition).then(
      (filter) => {
        for (const subject of added) filter.add(subject);
        this.#added = null;
        this.#filter = filter;
      },
      (error: Error) => {
        this.#failure = error;
      },
    );
  }

  insert(rows: readonly StoredRow[]): Promise<void> {
    for (const row of rows) {
      const known = this.#subjects.get(row.subject);
      if (known !== undefined) this.#add(row, known);
      else if (this.#filter !== null && !this.#filter.mayHold(row.subject)) this.#keep(row.subject, [rowOf(row)]);
      this.#filter?.add(row.subject);
      this.#added?.add(row.subject);
    }
    return this.#history.insert(this.#partition, rows);
  }

  /**
   * As LedgerHistory.read. The lists are not to be changed; rows inserted later are not in them.
   * @throws Error where rows, or before that the subjects, could not be read
   */
  async read(subjects: readonly string[]): Promise<Map<string, readonly LedgerRow[]>> {
    if (this.#failure !== null) {
      const failure = this.#failure;
      this.#failure = null;
      void this.learnSubjects();
      throw failure;
    }
    const found = new Map<string, readonly LedgerRow[]>();
    const unknown: string[] = [];
    for (const subject of subjects) {
      const known = this.#subjects.get(subject);
      if (known === undefined) {
        unknown.push(subject);
        continue;
      }
      found.set(subject, known);
      this.#subjects.delete(subject);
      this.#subjects.set(subject, known);
    }
    for (const [subject, rows] of await this.#history.read(this.#partition, unknown)) {
      found.set(subject, rows);
      this.#keep(subject, rows);
    }
    return found;
  }

  /** In order of positions; a list that was handed out stays as it is. */
  #add(row: StoredRow, known: readonly LedgerRow[]): void {
    const rows = known.filter(({ position }) => position !== row.position);
    rows.splice(rows.findLastIndex(({ position }) => position < row.position) + 1, 0, rowOf(row));
    this.#forget(row.subject, known);
    this.#keep(row.subject, rows);
  }

  #keep(subject: string, rows: LedgerRow[]): void {
    if (rows.length > MOST_OF_ONE) return;
    for (const { event } of rows) event.cold.release();
    this.#subjects.set(subject, rows);
    this.#rows += weightOf(rows);
    if (this.#rows <= this.#most) return;
    // An eighth at once: looking for the oldest costs the map more than forgetting it.
    for (const [oldest, known] of this.#subjects) {
      if (this.#rows <= this.#most * 0.875) return;
      this.#forget(oldest, known);
    }
  }

  #forget(subject: string, rows: readonly LedgerRow[]): void {
    this.#subjects.delete(subject);
    this.#rows -= weightOf(rows);
  }
}

function rowOf({ position, event }: StoredRow): LedgerRow {
  return { position, event };
}

/** A subject without rows weighs something as well. */
function weightOf(rows: readonly LedgerRow[]): number {
  return rows.length + 1;
}
