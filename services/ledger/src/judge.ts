// One batch of a ledger lane: its subjects read, every record judged on the rows below its position and up to it.
import type { Drug, Finding, Institution, LaneEvent } from '@yunjian/contracts';
import type { LedgerRow, LedgerRule } from '@yunjian/detection';
import { DocumentsSoFar } from './documents.ts';
import { type Claims, claimsById, differences, type FindingSource, inOrderOfCause, overflow } from './findings.ts';
import { type LedgerHistory, MAX_ROWS, type StoredRow } from './history.ts';
import { type DrugChange, ReferenceBook } from './reference.ts';
import { isReversalMeeting, type Told, toldAt } from './reversals.ts';
import { type LedgerInput, type LedgerLane, rowOf } from './rows.ts';

export interface LedgerOutput {
  findings: Finding[];
  /** Records for the code lane: reversals under the codes that they concern. */
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
}

/** A drug record judges again the sales received this long before it, ms (design: ledger rules). */
const REJUDGED_MS = 48 * 3_600_000;

interface Judged {
  rule: LedgerRule;
  params: never;
  /** What the rule says as of the position judged last; undefined: it could not be judged. */
  said: Claims | undefined;
}

export class LedgerPartition {
  readonly #options: LedgerOptions;
  readonly #reference = new ReferenceBook();
  readonly #params: Map<string, never>;
  readonly #source: FindingSource;
  /** Subjects past the limit, and the position of the first row too many: not read for what comes behind it. */
  readonly #endless = new Map<string, number>();

  constructor(options: LedgerOptions) {
    const { lane, partition } = options;
    this.#options = options;
    this.#params = new Map(options.rules.map((rule) => [rule.id, rule.params.parse({}) as never]));
    this.#source = { lane, partition, grid: (institution, position) => this.#reference.grid(institution, position) };
  }

  /** Reads what is known of drugs and institutions. Call before the first batch; another owner needs a partition of its own. */
  async open(decode: (value: Buffer) => LaneEvent): Promise<void> {
    for (const { position, value } of await this.#options.history.readReference(this.#options.partition))
      this.#reference.take(position, decode(value) as Drug | Institution);
  }

  /**
   * The output must be acknowledged, and the rows stored, before the lane's offset moves. The same records in batches of other borders
   * give the same output.
   */
  async process(inputs: readonly LedgerInput[]): Promise<LedgerOutput> {
    const { history, partition, lane } = this.#options;
    const reference = inputs.filter(({ event }) => event.kind === 'drug' || event.kind === 'institution');
    const rows = inputs.map((input) => rowOf(input, lane)).filter((row) => row !== null);
    const stored = Promise.all([history.insert(partition, rows), history.insertReference(partition, reference)]).then(
      () => {},
    );
    // Whoever waits for it hears of a failure; a reader that fails first must not leave it unheard.
    stored.catch(() => {});
    const packs = reference
      .map(({ position, event }) => this.#reference.take(position, event as Drug | Institution))
      .filter((change) => change !== null);
    const output: LedgerOutput = { findings: [], reversed: [], poisoned: [], stored };
    if (this.#options.rules.length === 0) return output;
    const touched = await this.#touched(rows, packs);
    const histories = await history.read(partition, [...touched.keys()]);
    const told: { position: number; each: Told }[] = [];
    for (const [subject, positions] of touched) {
      const all = histories.get(subject) ?? [];
      if (all[0] !== undefined && isReversalMeeting(all[0].event))
        for (const position of positions) for (const each of toldAt(all, position)) told.push({ position, each });
      else this.#judge(subject, all, positions, output);
    }
    output.reversed = told.sort((a, b) => a.position - b.position).map(({ each }) => each);
    inOrderOfCause(output.findings);
    return output;
  }

  /** Positions at which each subject is judged: its own rows, and the drugs whose packs changed under a recent sale. */
  async #touched(rows: readonly StoredRow[], packs: readonly DrugChange[]): Promise<Map<string, number[]>> {
    const touched = new Map<string, Set<number>>();
    const add = (subject: string, position: number) => {
      if (position > (this.#endless.get(subject) ?? Number.POSITIVE_INFINITY)) return;
      const known = touched.get(subject);
      if (known === undefined) touched.set(subject, new Set([position]));
      else known.add(position);
    };
    for (const { subject, position } of rows) add(subject, position);
    if (packs.length > 0) {
      const { partition, history } = this.#options;
      const since = packs.map(({ item, arrival }) => ({ item, since: arrival - REJUDGED_MS }));
      for (const { subject, item } of await history.soldSince(partition, since))
        for (const pack of packs) if (pack.item === item) add(subject, pack.position);
      const changed = packs.flatMap(({ prefixes, arrival }) =>
        prefixes.map((prefix) => ({ prefix, since: arrival - REJUDGED_MS })),
      );
      for (const subject of await history.codesSince(partition, changed))
        for (const { position, prefixes } of packs)
          if (prefixes.some((prefix) => subject.startsWith(prefix))) add(subject, position);
    }
    return new Map([...touched].map(([subject, positions]) => [subject, [...positions].sort((a, b) => a - b)]));
  }

  #judge(subject: string, all: readonly LedgerRow[], positions: readonly number[], output: LedgerOutput): void {
    const tooMany = all[MAX_ROWS];
    const documents = new DocumentsSoFar();
    let read = 0;
    const readBelow = (position: number): void => {
      for (; read < all.length && (all[read] as LedgerRow).position < position; read++)
        documents.add((all[read] as LedgerRow).event);
    };
    const rules: Judged[] = [];
    for (const position of positions) {
      if (tooMany !== undefined && position >= tooMany.position) {
        this.#endless.set(subject, tooMany.position);
        if (position === tooMany.position) output.findings.push(overflow(subject, tooMany, this.#source));
        return;
      }
      readBelow(position);
      if (rules.length === 0) {
        const before = this.#judgedBefore(subject, all.slice(0, read), position);
        for (const rule of this.#options.rules) {
          const params = this.#params.get(rule.id) as never;
          const said = read === 0 ? NOTHING : this.#claims(rule, params, documents, before);
          rules.push({ rule, params, said: said instanceof Error ? undefined : said });
        }
      }
      readBelow(position + 1);
      const byPack = all[read - 1]?.position !== position;
      if (byPack && !this.#concerned(subject, all.slice(0, read), position)) continue;
      for (const judged of rules) this.#compare(judged, documents, position, output);
    }
  }

  #compare(judged: Judged, documents: DocumentsSoFar, position: number, output: LedgerOutput): void {
    const { rule, params, said } = judged;
    const says = this.#claims(rule, params, documents, position);
    if (says instanceof Error) {
      output.poisoned.push({ position, error: says });
      judged.said = undefined;
      return;
    }
    output.findings.push(...differences(rule, params, said ?? NOTHING, says, this.#source, position));
    judged.said = says;
  }

  #claims(rule: LedgerRule, params: never, documents: DocumentsSoFar, position: number): Claims | Error {
    try {
      return claimsById(rule, rule.claims(documents.list(), this.#reference.asOf(position), params));
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** The position at which a subject was judged last: its last row's, or a later one at which a drug changed under a recent sale. */
  #judgedBefore(subject: string, below: readonly LedgerRow[], position: number): number {
    const last = below[below.length - 1]?.position ?? -1;
    return this.#concerning(subject, below, last, position).at(-1) ?? last;
  }

  #concerned(subject: string, rows: readonly LedgerRow[], position: number): boolean {
    return this.#concerning(subject, rows, position - 1, position + 1).length > 0;
  }

  /** Positions strictly between two at which a drug changed of which one of these rows is a recent sale. */
  #concerning(subject: string, rows: readonly LedgerRow[], after: number, before: number): number[] {
    const sold = rows.filter(({ event }) => isSale(event));
    const items = (row: LedgerRow) => rowOf({ ...row, value: NO_BYTES }, this.#options.lane)?.items ?? [];
    return this.#reference
      .drugChanges(new Set(sold.flatMap(items)), subject, after, before)
      .filter(({ position, arrival, item, prefixes }) => {
        const recent = (row: LedgerRow) => row.position < position && row.event.arrival >= arrival - REJUDGED_MS;
        const prefixed = prefixes.some((prefix) => subject.startsWith(prefix));
        return sold.some((row) => recent(row) && (prefixed || items(row).includes(item)));
      })
      .map(({ position }) => position);
  }
}

function isSale(event: LaneEvent): boolean {
  return event.kind === 'codeSale' || (event.kind === 'trace' && event.action === 'sale');
}

const NO_BYTES = Buffer.alloc(0);
const NOTHING: Claims = new Map();
