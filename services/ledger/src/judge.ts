// One batch of a ledger lane: its subjects read, every record judged on the rows below its position and up to it.
import type { Finding, LaneRecord } from '@yunjian/contracts';
import type { LedgerReference, LedgerRow, LedgerRule } from '@yunjian/detection';
import { BatchClock, restore } from './batch-clock.ts';
import { FeedClock } from './feed-clock.ts';
import { type FindingSource, inOrderOfCause, overflow } from './findings.ts';
import { type LedgerHistory, MAX_ROWS, type StoredRow } from './history.ts';
import { HotRows } from './hot-rows.ts';
import { lateFor, personsConcerned } from './late-reference.ts';
import { inForce, linked } from './messages.ts';
import { NearTimers } from './near-timers.ts';
import { Portions } from './portions.ts';
import {
  asReference,
  type DrugChange,
  type FactLearnt,
  type InstitutionChange,
  ReferenceBook,
  type ReferenceEvent,
} from './reference.ts';
import { isReversalMeeting, type Told, toldAt } from './reversals.ts';
import { isMessageKey, type LedgerInput, type LedgerLane, rowsOf } from './rows.ts';
import { LedgerRules } from './rules.ts';
import { canTell, Silence } from './silence.ts';
import { stampOf } from './stamp.ts';
import { Storing } from './storing.ts';
import { type Observer, REJUDGED_MS, type Sitting, SubjectJudgement } from './subject.ts';
import { Touched } from './touched.ts';
import { takingTurns } from './turns.ts';

export interface LedgerOutput {
  findings: Finding[];
  /** Records for the code lane: reversals under the codes that they concern, and facts for every partition. */
  reversed: Told[];
  /** Positions that a rule could not judge: defects of ours, to be set aside while the partition goes on. */
  poisoned: { position: number; error: Error }[];
  /** Once the rows are acknowledged: only then may the lane's offset move. The findings need not wait for it. */
  stored: Promise<void>;
}

export interface LedgerOptions {
  lane: LedgerLane;
  partition: number;
  history: LedgerHistory;
  rules: readonly LedgerRule[];
  /** Parameters by position, where whoever owns this partition reads them as well. */
  inForce?: LedgerRules;
  /** Told when the partition begins to learn which subjects it holds: until that is done each is asked of the history. */
  onLearning?: (learnt: Promise<void>) => void;
  /** Each judged position of each subject: what its documents were before it and are with it. */
  observe?: Observer;
}

/** Rows of histories that are read at once, about. */
const ROWS_AT_ONCE = 10_000;

export class LedgerPartition {
  readonly #options: LedgerOptions;
  readonly #reference = new ReferenceBook();
  readonly #rules: LedgerRules;
  readonly #source: FindingSource;
  readonly #subjects: HotRows;
  readonly #portions: Portions<readonly LedgerRow[]>;
  /** Null: every subject is judged by its whole history. */
  readonly #silence: Silence | null;
  /** Subjects past the limit, and the position of the first row too many: not read for what comes behind it. */
  readonly #endless = new Map<string, number>();
  readonly #clock = new FeedClock();
  readonly #waits: boolean;
  readonly #timers: NearTimers;
  #begun = false;

  constructor(options: LedgerOptions) {
    const { lane, partition, history, rules } = options;
    this.#options = options;
    this.#subjects = new HotRows(history, partition);
    this.#portions = new Portions(
      (subjects) => this.#subjects.read(subjects),
      ({ length }) => length,
      ROWS_AT_ONCE,
    );
    this.#timers = new NearTimers(history.wakes, partition);
    this.#waits = rules.some(({ due }) => due !== undefined);
    this.#rules = options.inForce ?? new LedgerRules(rules);
    const telling = { partition, history, rules, inForce: this.#rules, reference: this.#reference };
    this.#silence =
      lane === 'person' && options.observe === undefined && rules.every(canTell) ? new Silence(telling) : null;
    this.#source = { lane, partition, grid: (institution, position) => this.#reference.grid(institution, position) };
  }

  get source(): FindingSource {
    return this.#source;
  }

  /** What is known as of a position. */
  reference(position: number): LedgerReference {
    return this.#reference.asOf(position);
  }

  /** Reads what is known of drugs and institutions. Call before the first batch; another owner needs a partition of its own. */
  async open(decode: (value: Buffer) => LaneRecord): Promise<void> {
    for (const { position, value } of await this.#options.history.readReference(this.#options.partition)) {
      const known = decode(value);
      if (known.kind === 'ruleChange') this.#rules.take(position, known);
      else this.#reference.take(position, known as ReferenceEvent);
    }
    // A person is rarely new; a box or a settlement is, nine times of ten.
    const { rules, lane, partition, history, onLearning } = this.#options;
    if (rules.length === 0) return;
    const learnt = lane === 'person' ? history.prepareOutlines(partition) : this.#subjects.learnSubjects();
    onLearning?.(learnt);
  }

  /** Rule changes of a batch, before anything in it is judged; those that change something are kept. */
  #changeRules(inputs: readonly LedgerInput[], poisoned: LedgerOutput['poisoned']): LedgerInput[] {
    return inputs.filter(({ position, event }) => {
      if (event.kind !== 'ruleChange') return false;
      try {
        return this.#rules.take(position, event);
      } catch (error) {
        poisoned.push({ position, error: error as Error });
        return false;
      }
    });
  }

  /**
   * The output must be acknowledged, and the rows stored, before the lane's offset moves. The same records in batches of other borders
   * give the same output.
   */
  async process(inputs: readonly LedgerInput[]): Promise<LedgerOutput> {
    const { history, partition, lane, rules } = this.#options;
    const rows = inputs.flatMap((input) => rowsOf(input, lane));
    const known = inputs.flatMap(({ position, event, value }) => {
      const reference = event.kind === 'mark' || event.kind === 'ruleChange' ? null : asReference(event);
      return reference === null ? [] : [{ position, event: reference, value }];
    });
    const output: Omit<LedgerOutput, 'stored'> = { findings: [], reversed: [], poisoned: [] };
    const changed = this.#changeRules(inputs, output.poisoned);
    const storing = new Storing();
    storing.add(this.#subjects.insert(rows), history.insertReference(partition, [...changed, ...known]));
    const learnt = known.map(({ position, event }) => this.#reference.take(position, event));
    if (rules.length > 0) {
      const clock = await this.#tick(inputs, storing);
      const facts = learnt.flatMap((each) => (each !== null && 'fact' in each ? [each.fact] : []));
      const drugs = learnt.flatMap((each) => (each !== null && 'drug' in each ? [each.drug] : []));
      const institutions = learnt.flatMap((each) => (each !== null && 'institution' in each ? [each.institution] : []));
      const touched = await this.#touched(rows, drugs, institutions, facts, clock);
      await this.#judgeAll(touched, facts, clock, output, storing);
      inOrderOfCause(output.findings);
    }
    return { ...output, stored: storing.all() };
  }

  async #tick(inputs: readonly LedgerInput[], storing: Storing): Promise<BatchClock> {
    const { wakes } = this.#options.history;
    const { partition } = this.#options;
    const first = inputs[0]?.position;
    if (this.#waits && !this.#begun && first !== undefined) {
      restore(this.#clock, await wakes.clockBelow(partition, first));
      this.#begun = true;
    }
    const clock = new BatchClock(this.#clock, inputs);
    if (this.#waits && clock.lastMark !== null)
      storing.add(wakes.keepClock(partition, clock.lastMark, this.#clock.value()));
    return clock;
  }

  async #touched(
    rows: readonly StoredRow[],
    drugs: readonly DrugChange[],
    institutions: readonly InstitutionChange[],
    facts: readonly FactLearnt[],
    clock: BatchClock,
  ): Promise<Touched> {
    const { partition, history, lane, rules } = this.#options;
    const touched = new Touched();
    const add = (subject: string, position: number, woken = false) => {
      if (position <= (this.#endless.get(subject) ?? Number.POSITIVE_INFINITY)) touched.add(subject, position, woken);
    };
    for (const { subject, position } of rows) add(subject, position);
    if (lane === 'person') {
      const late = lateFor(rules, this.#rules, drugs, institutions);
      for (const { subject, position } of await personsConcerned(history, partition, late))
        add(subject, position, true);
    }
    if (lane === 'code' && drugs.length > 0) {
      const since = drugs.map(({ item, arrival }) => ({ item, since: arrival - REJUDGED_MS }));
      for (const { subject, item } of await history.soldSince(partition, since))
        for (const drug of drugs) if (drug.item === item) add(subject, drug.position);
      const changed = drugs.flatMap(({ prefixes, arrival }) =>
        prefixes.map((prefix) => ({ prefix, since: arrival - REJUDGED_MS })),
      );
      for (const subject of await history.codesSince(partition, changed))
        for (const { position, prefixes } of drugs)
          if (prefixes.some((prefix) => subject.startsWith(prefix))) add(subject, position);
    }
    for (const { due, subject } of this.#waits ? await this.#timers.due(clock) : []) {
      const mark = clock.reaches(due);
      if (mark !== null) add(subject, mark, true);
    }
    if (facts.length > 0)
      for (const { fact, subject, position } of await history.wakes.parked(
        partition,
        facts.map((each) => each.fact),
      ))
        for (const learnt of facts)
          if (learnt.fact === fact && learnt.position > position) add(subject, learnt.position, true);
    return touched;
  }

  async #judgeAll(
    touched: Touched,
    facts: readonly FactLearnt[],
    clock: BatchClock,
    output: Omit<LedgerOutput, 'stored'>,
    storing: Storing,
  ): Promise<void> {
    const { history, partition, lane, rules, observe } = this.#options;
    const sitting: Sitting = {
      rules,
      inForce: this.#rules,
      reference: this.#reference,
      clock,
      facts,
      source: this.#source,
      output,
      timers: [],
      parked: [],
      stamps: [],
      ...(observe === undefined ? {} : { observe }),
    };
    const told: { position: number; each: Told }[] = [];
    const rest = takingTurns();
    const subjects = [...touched.positions.keys()];
    const talkative = (await this.#silence?.without(subjects, touched)) ?? subjects;
    for await (const histories of this.#histories(talkative)) {
      if (lane === 'institution') await this.#link(touched, histories, storing);
      for (const [subject, rows] of histories) {
        if (lane === 'institution' && isMessageKey(subject)) continue;
        const all = lane === 'institution' ? inForce(rows) : rows;
        const positions = [...(touched.positions.get(subject) ?? NONE)].sort((a, b) => a - b);
        if (all[0] !== undefined && isReversalMeeting(all[0].event))
          for (const position of positions) for (const each of toldAt(all, position)) told.push({ position, each });
        else await this.#judge(sitting, subject, all, positions, touched.woken.get(subject) ?? NONE, rest);
      }
    }
    output.reversed = told.sort((a, b) => a.position - b.position).map(({ each }) => each);
    storing.add(
      this.#timers.add(sitting.timers),
      history.wakes.park(partition, sitting.parked),
      this.#subjects.insert(sitting.stamps.map(stampOf)),
    );
  }

  /** On lane.institution a settlement and its message are judged together; they have few rows. */
  async *#histories(subjects: readonly string[]) {
    if (this.#options.lane === 'institution') yield await this.#subjects.read(subjects);
    else yield* this.#portions.of(subjects);
  }

  /** Reversals by message become rows of their settlements, which are then judged. */
  async #link(touched: Touched, histories: Map<string, readonly LedgerRow[]>, storing: Storing): Promise<void> {
    const found = [...touched.positions].flatMap(([subject, positions]) =>
      isMessageKey(subject) ? linked(histories.get(subject) ?? []).filter(({ at }) => positions.has(at)) : [],
    );
    if (found.length === 0) return;
    storing.add(this.#subjects.insert(found.map(({ row }) => row)));
    const unread = found.map(({ row }) => row.subject).filter((subject) => !histories.has(subject));
    for (const [subject, rows] of await this.#subjects.read([...new Set(unread)])) histories.set(subject, rows);
    for (const { row, at } of found) {
      const rows = histories.get(row.subject) ?? [];
      if (!rows.some(({ position }) => position === row.position))
        histories.set(
          row.subject,
          [...rows, row].sort((a, b) => a.position - b.position),
        );
      touched.add(row.subject, at);
    }
  }

  async #judge(
    sitting: Sitting,
    subject: string,
    all: readonly LedgerRow[],
    positions: readonly number[],
    woken: ReadonlySet<number>,
    rest: () => Promise<void>,
  ): Promise<void> {
    const tooMany = all[MAX_ROWS];
    await new SubjectJudgement(sitting, subject, all, positions, woken).run(rest, tooMany?.position);
    if (tooMany === undefined || !positions.some((position) => position >= tooMany.position)) return;
    this.#endless.set(subject, tooMany.position);
    if (positions.includes(tooMany.position)) sitting.output.findings.push(overflow(subject, tooMany, this.#source));
  }
}

const NONE: ReadonlySet<number> = new Set();
