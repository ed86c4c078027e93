// One partition of lane.institution: its settlements judged as the other ledgers judge their subjects, and beside that what is summed:
// stocks by institution and drug, and months without purchases. That an institution uploads purchases is told to every code partition.
import type { Finding, LaneEvent, LaneRecord } from '@yunjian/contracts';
import type { LedgerRule, Raise } from '@yunjian/detection';
import { BatchClock, restore } from '../batch-clock.ts';
import { FeedClock } from '../feed-clock.ts';
import { type Claims, claimsById, differences, inOrderOfCause } from '../findings.ts';
import type { LedgerHistory } from '../history.ts';
import { type LedgerOptions, type LedgerOutput, LedgerPartition } from '../judge.ts';
import type { Told } from '../reversals.ts';
import type { LedgerInput } from '../rows.ts';
import { LedgerRules, type Turn } from '../rules.ts';
import type { Observer } from '../subject.ts';
import { changes, entriesOf, type StockRow } from './entries.ts';
import { MonthBook, type MonthRow, monthOf } from './months.ts';
import { StockBook } from './stock-book.ts';
import type { BookStore } from './store.ts';
import { purchasesSeen, saleOf, soldIn } from './tidings.ts';

export interface InstitutionOptions {
  partition: number;
  history: LedgerHistory;
  books: BookStore;
  rules: readonly LedgerRule[];
  /** Partitions of the code lane. */
  lanePartitions: number;
  onLearning?: NonNullable<LedgerOptions['onLearning']>;
}

type Seen = Parameters<Observer>[0];
/** What the judgements of one batch share. */
interface Round {
  inputs: readonly LedgerInput[];
  first: number;
  clock: BatchClock;
  learnt: readonly MonthRow[];
  findings: Finding[];
  poisoned: LedgerOutput['poisoned'];
}

export class InstitutionPartition {
  readonly #options: InstitutionOptions;
  readonly #settlements: LedgerPartition;
  readonly #inForce: LedgerRules;
  readonly #months = new MonthBook();
  readonly #stocks: StockBook;
  readonly #clock = new FeedClock();
  readonly #monthRule: LedgerRule | undefined;
  readonly #stockRule: LedgerRule | undefined;
  #seen: Seen[] = [];
  #begun = false;
  constructor(options: InstitutionOptions) {
    const { partition, history, books, rules } = options;
    this.#options = options;
    this.#inForce = new LedgerRules(rules);
    this.#monthRule = rules.find(({ month }) => month !== undefined);
    this.#stockRule = rules.find(({ stock }) => stock !== undefined);
    this.#stocks = new StockBook(partition, books);
    this.#settlements = new LedgerPartition({
      lane: 'institution',
      partition,
      history,
      rules: rules.filter(({ lane }) => lane === 'institution'),
      inForce: this.#inForce,
      onLearning: (learnt) => options.onLearning?.(learnt),
      observe: (seen) => this.#seen.push(seen),
    });
  }

  async open(decode: (value: Buffer) => LaneRecord): Promise<void> {
    await this.#settlements.open(decode);
    this.#months.restore(await this.#options.books.months(this.#options.partition));
  }

  /** As LedgerPartition.process. */
  async process(inputs: readonly LedgerInput[]): Promise<LedgerOutput> {
    const first = inputs[0]?.position;
    if (first === undefined) return this.#settlements.process(inputs);
    const { partition, history, books } = this.#options;
    if (!this.#begun) {
      restore(this.#clock, await history.wakes.clockBelow(partition, first));
      await this.#stocks.open(first, this.#clock.now);
      this.#begun = true;
    }
    this.#seen = [];
    const output = await this.#settlements.process(inputs);
    const clock = new BatchClock(this.#clock, inputs);
    const seen = this.#seen.sort((a, b) => a.position - b.position || (a.subject < b.subject ? -1 : 1));
    const findings: Finding[] = [...output.findings];
    const told: Told[] = [...output.reversed];
    const learnt = this.#learn(seen, told);
    const round: Round = { inputs, first, clock, learnt, findings, poisoned: output.poisoned };
    this.#judgeMonths(round);
    const rows = this.#stockRows(seen);
    await this.#judgeStocks(round, rows);
    const stored = Promise.all([
      output.stored,
      books.addStock(partition, rows),
      books.addMonths(partition, learnt),
      clock.lastMark === null ? undefined : history.wakes.keepClock(partition, clock.lastMark, this.#clock.value()),
    ]).then(() => {});
    stored.catch(() => {});
    return { ...output, findings: inOrderOfCause(findings), reversed: told, stored };
  }

  /** What the documents tell of months: purchases uploaded, and sales where none are. */
  #learn(seen: readonly Seen[], told: Told[]): MonthRow[] {
    const rows: MonthRow[] = [];
    const keep = (row: MonthRow | null) => {
      if (row !== null) rows.push({ ...row, n: rows.filter(({ position }) => position === row.position).length });
    };
    for (const { position, before, now } of seen) {
      for (const event of now)
        keep(
          event.kind === 'trace' && event.action === 'purchase'
            ? this.#purchase(position, event, told)
            : this.#sale(position, event, now),
        );
      // A document that lost to another of its identity may have been of another month.
      const sold = new Set(now.map((event) => soldIn(event, now)));
      for (const lost of before) {
        const sale = saleOf(lost, before);
        if (sale !== null && !sold.has(soldIn(lost, before)))
          keep(this.#months.sale(position, lost.institution, monthOf(lost.eventTime), sale.ref, null));
      }
    }
    return rows;
  }

  #purchase(position: number, event: LaneEvent, told: Told[]): MonthRow | null {
    const { institution, eventTime } = event;
    const isNew = !this.#months.seen(institution, monthOf(eventTime), position - 1);
    const row = this.#months.purchase(position, institution, eventTime);
    if (isNew && row !== null) told.push(...purchasesSeen(event, row.month, this.#options.lanePartitions));
    return row;
  }

  #sale(position: number, event: LaneEvent, documents: readonly LaneEvent[]): MonthRow | null {
    const sale = saleOf(event, documents);
    if (sale === null || this.#monthRule?.month === undefined) return null;
    const { institution } = event;
    const month = monthOf(event.eventTime);
    const purchasesSeen = (each: string) => this.#months.seen(institution, each, position);
    const alone = {
      institution,
      month,
      sales: sale.sale === null ? [] : [sale.sale],
      purchasesSeen,
      clock: Number.POSITIVE_INFINITY,
    };
    // Where purchases are uploaded a sale can say nothing of the month; what was kept before is kept current.
    const speaks = this.#monthRule.month(alone, this.#paramsOf(this.#monthRule, position, institution)).claim !== null;
    const known = this.#months.month(institution, month, position - 1, 0).sales.some(({ ref }) => ref === sale.ref);
    return speaks || known ? this.#months.sale(position, institution, month, sale.ref, sale.sale) : null;
  }

  #paramsOf(rule: LedgerRule, position: number, institution: string | null): never {
    return this.#inForce.params(rule, position, this.#settlements.reference(position)).of(institution);
  }

  #turns(rule: LedgerRule, inputs: readonly LedgerInput[]): Turn[] {
    return this.#inForce.turns(rule, inputs, (position) => this.#settlements.reference(position));
  }

  /** Every month is judged where its sales or its institution's purchases changed, and where the clock brings it due. */
  #judgeMonths({ inputs, first, clock, learnt, findings, poisoned }: Round): void {
    const rule = this.#monthRule;
    if (rule?.month === undefined) return;
    const turned = this.#turns(rule, inputs);
    const judge = rule.month;
    const touched = new Map<string, Set<number>>();
    for (const { institution, position } of learnt)
      for (const month of this.#months.monthsOf(institution)) {
        const key = `${institution}|${month}`;
        touched.set(key, (touched.get(key) ?? new Set()).add(position));
      }
    // Parameters that change say something else of every month.
    const moves = clock.to > clock.from || turned.length > 0;
    if (!moves && touched.size === 0) return;
    for (const { institution, month } of this.#months.months()) {
      const key = `${institution}|${month}`;
      if (!moves && !touched.has(key)) continue;
      const own = turned.filter((turn) => turn.institution === null || turn.institution === institution);
      const positions = [...new Set([...(touched.get(key) ?? []), ...own.map(({ position }) => position)])];
      positions.sort((a, b) => a - b);
      const at = (position: number, now: number) =>
        this.#tried(position, first, poisoned, () =>
          judge(this.#months.month(institution, month, position, now), this.#paramsOf(rule, position, institution)),
        );
      let before = at(first - 1, clock.from);
      const wake = (due: number | null, after: number) => {
        const mark = due === null ? null : clock.reaches(due, after);
        if (mark !== null && !positions.includes(mark)) {
          positions.push(mark);
          positions.sort((a, b) => a - b);
        }
      };
      wake(before?.due ?? null, -1);
      for (let position = positions.shift(); position !== undefined; position = positions.shift()) {
        const says = at(position, clock.at(position));
        if (says !== null) findings.push(...this.#differences(rule, before?.claim ?? null, says.claim, position));
        wake(says?.due ?? null, position);
        before = says;
      }
    }
  }

  /** What a rule answers; null where it failed, which is told of the record at which it did. */
  #tried<T>(position: number, first: number, poisoned: LedgerOutput['poisoned'], ask: () => T): T | null {
    try {
      return ask();
    } catch (error) {
      if (position >= first)
        poisoned.push({ position, error: error instanceof Error ? error : new Error(String(error)) });
      return null;
    }
  }

  #stockRows(seen: readonly Seen[]): StockRow[] {
    const rule = this.#stockRule;
    if (rule?.stock === undefined) return [];
    const { isKept } = rule.stock;
    const rows: StockRow[] = [];
    let [last, n] = [-1, 0];
    for (const { position, before, now, arrival } of seen) {
      const params = this.#paramsOf(rule, position, (now[0] ?? before[0])?.institution ?? null);
      const kept = (line: { item: string; name: string | null }) => isKept(line, params);
      for (const entry of changes(entriesOf(before, kept), entriesOf(now, kept))) {
        n = position === last ? n + 1 : 0;
        last = position;
        rows.push({ ...entry, subject: `${entry.institution}|${entry.item}`, position, n, arrival });
      }
    }
    return rows;
  }

  async #judgeStocks(
    { inputs, first, clock, learnt, findings, poisoned }: Round,
    rows: readonly StockRow[],
  ): Promise<void> {
    const rule = this.#stockRule;
    if (rule?.stock === undefined) return;
    const { stock } = rule;
    const uploading = (institution: string, position: number) =>
      stock.uploading(this.#months.purchases(institution, position), this.#paramsOf(rule, position, institution));
    const recast = this.#turns(rule, inputs).flatMap(({ position, institution }) =>
      (institution === null ? this.#months.uploaders() : [institution]).map((each) => ({
        position,
        institution: each,
      })),
    );
    const turns = learnt.filter(
      ({ kind, institution, position }) =>
        kind === 'purchase' && uploading(institution, position)?.from !== uploading(institution, position - 1)?.from,
    );
    const packSize = (item: string, position: number) =>
      this.#settlements.reference(position).drug(item)?.packSize ?? null;
    const packs = inputs.flatMap(({ position, event }) =>
      event.kind === 'drug' && packSize(event.item, position) !== packSize(event.item, position - 1)
        ? [{ position, item: event.item }]
        : [],
    );
    await this.#stocks.judge({
      first,
      last: (inputs[inputs.length - 1] as LedgerInput).position,
      clock,
      rows,
      turns: [...turns, ...recast],
      packs,
      uploading,
      packSize,
      claims: (balance, position) =>
        this.#tried(position, first, poisoned, () =>
          byId(rule, stock.claim(balance, this.#paramsOf(rule, position, balance.institution))),
        ),
      differs: (said, says, position) => findings.push(...this.#changes(rule, said, says, position)),
    });
  }

  #differences(rule: LedgerRule, said: Raise | null, says: Raise | null, position: number): Finding[] {
    return this.#changes(rule, byId(rule, said), byId(rule, says), position);
  }

  #changes(rule: LedgerRule, said: Claims, says: Claims, position: number): Finding[] {
    const params = this.#inForce.params(rule, position, this.#settlements.reference(position));
    return this.#inForce.told(
      rule,
      position,
      differences(rule, params, said, says, this.#settlements.source, position),
    );
  }
}

function byId(rule: LedgerRule, claim: Raise | null): Claims {
  return claimsById(rule, claim === null ? [] : [claim]);
}
