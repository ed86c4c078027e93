// The chain in one process without broker or database: institution lane and ledgers over arrays, with the marks that let time pass. The
// same pure code as live; only what carries the records is missing.
import {
  decodeLane,
  FEEDS,
  type Feed,
  type Finding,
  LANES,
  type Lane,
  type LaneEvent,
  type LaneKind,
  type LaneRecord,
  type Mark,
  type RuleChange,
  type YunjianEvent,
} from '@yunjian/contracts';
import { type AnyDetector, InstitutionLane, type LedgerRule } from '@yunjian/detection';
import { layEvent } from '@yunjian/service-ingest';
import {
  InstitutionPartition,
  type LedgerInput,
  LedgerPartition,
  MemoryBooks,
  MemoryHistory,
} from '@yunjian/service-ledger';

/** Ledger records judged at once; where a batch ends never changes a verdict. */
const LEDGER_BATCH = 2_000;
/** The ledgers' clocks move in larger steps than the lane's, which costs a few seconds of delay and saves most of their batches. */
const LEDGER_MARKS = 10;
/** What the ledger reads of lane.institution. */
const KINDS = new Set<LaneKind>(['settlement', 'reversal', 'trace', 'drug', 'institution', 'mark', 'ruleChange']);
/** A ledger in memory never reads back what it stored as bytes. */
const UNREAD = Buffer.alloc(0);

interface Ledger {
  partition: LedgerPartition | InstitutionPartition;
  offset: number;
  waiting: LedgerInput[];
}

export interface MemoryChainOptions {
  /** Arrival at which the clocks begin, ms. */
  start: number;
  detectors: readonly AnyDetector[];
  ledgerRules: readonly LedgerRule[];
  /** In force from the first record on; null: the documented defaults. */
  rules: RuleChange | null;
  /** @param now the arrival clock, ms */
  onFinding(finding: Finding, now: number): void;
}

export class MemoryChain {
  /** Records that a ledger rule could not judge. */
  defects = 0;
  readonly #options: MemoryChainOptions;
  readonly #lane: InstitutionLane | null;
  readonly #ledgers = new Map<Lane, Ledger>();
  readonly #offsets = new Map<Feed, number>();
  readonly #lastEvent = new Map<Feed, number>();
  #institutionOffset = 0;
  #now: number;
  #marks = 0;

  constructor(options: MemoryChainOptions) {
    const { start, detectors, ledgerRules, rules } = options;
    this.#options = options;
    this.#now = Math.floor(start / 1_000) * 1_000;
    this.#lane = detectors.length === 0 ? null : new InstitutionLane({ partition: 0, detectors });
    this.#lane?.restore();
    for (const lane of LANES) {
      const partition = ledgerOn(lane, ledgerRules);
      if (partition !== null) this.#ledgers.set(lane, { partition, offset: 0, waiting: [] });
    }
    if (rules !== null) this.#everywhere(rules);
  }

  /** The arrival clock, ms. */
  get now(): number {
    return this.#now;
  }

  /** An event as the router read it; arrivals never go back, and time has passed up to this one's. */
  async arrive(event: YunjianEvent): Promise<void> {
    const { feed } = event.origin;
    if (feed !== 'ledger') this.#heard(feed, event.arrival);
    layEvent(event, 1, (lane, _partition, _key, made) => this.#lay(lane, made));
    await this.#judgeFull();
  }

  /** A raw record's lane records, none when it was refused. As `arrive`. */
  async arriveRouted(feed: Feed, arrival: number, outputs: readonly { lane: Lane; value: Buffer }[]): Promise<void> {
    this.#heard(feed, arrival);
    for (const { lane, value } of outputs) this.#lay(lane, decodeLane(value) as LaneEvent);
    await this.#judgeFull();
  }

  /** Records read of a feed so far: the offset that its next one has in memory. */
  next(feed: Feed): number {
    return this.#offsets.get(feed) ?? 0;
  }

  /** Lets time pass, a mark every so many ms. */
  async passTo(arrival: number, stepMs = 1_000): Promise<void> {
    while (this.#now + stepMs <= arrival) {
      this.#now += stepMs;
      const mark = this.#mark();
      this.#step(mark);
      if (++this.#marks % LEDGER_MARKS !== 0) continue;
      for (const lane of this.#ledgers.keys()) this.#wait(lane, mark);
      await this.finish();
    }
  }

  /** Judges what is left. What the ledgers tell the code lane comes behind what was laid there. */
  async finish(): Promise<void> {
    for (let ledger = this.#waiting(); ledger !== undefined; ledger = this.#waiting()) {
      const batch = ledger.waiting;
      ledger.waiting = [];
      const { findings, reversed, poisoned, stored } = await ledger.partition.process(batch);
      await stored;
      this.defects += poisoned.length;
      for (const finding of findings) this.#options.onFinding(finding, this.#now);
      for (const { value } of reversed) this.#wait('code', decodeLane(value));
    }
  }

  async #judgeFull(): Promise<void> {
    for (const { waiting } of this.#ledgers.values()) if (waiting.length >= LEDGER_BATCH) return this.finish();
  }

  #heard(feed: Feed, arrival: number): void {
    this.#offsets.set(feed, this.next(feed) + 1);
    this.#lastEvent.set(feed, arrival);
  }

  #lay(lane: Lane, event: LaneEvent): void {
    if (lane === 'institution') this.#step(event);
    this.#wait(lane, event);
  }

  #everywhere(record: RuleChange): void {
    this.#step(record);
    for (const lane of this.#ledgers.keys()) this.#wait(lane, record);
  }

  #wait(lane: Lane, event: LaneRecord): void {
    const ledger = this.#ledgers.get(lane);
    if (ledger === undefined || (lane === 'institution' && !KINDS.has(event.kind))) return;
    ledger.waiting.push({ position: ledger.offset++, event, value: UNREAD });
  }

  #waiting(): Ledger | undefined {
    for (const ledger of this.#ledgers.values()) if (ledger.waiting.length > 0) return ledger;
    return undefined;
  }

  #step(record: LaneRecord): void {
    if (this.#lane === null) return;
    this.#lane.step(record, this.#institutionOffset++);
    for (const finding of this.#lane.takeEffects().findings) this.#options.onFinding(finding, this.#now);
  }

  #mark(): Mark {
    return {
      kind: 'mark',
      entries: FEEDS.map((feed) => ({
        feed,
        partition: 0,
        next: this.next(feed),
        arrival: this.#now,
        lastEvent: this.#lastEvent.get(feed) ?? null,
      })),
      partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 },
    };
  }
}

/** Null: no rule rests on that lane. */
function ledgerOn(lane: Lane, all: readonly LedgerRule[]): Ledger['partition'] | null {
  const rules = all.filter((rule) => (rule.lane as Lane) === lane);
  if (lane !== 'institution')
    return rules.length === 0 ? null : new LedgerPartition({ lane, partition: 0, history: new MemoryHistory(), rules });
  if (!all.some(({ lane: own, month }) => own === 'institution' || month !== undefined)) return null;
  const [history, books] = [new MemoryHistory(), new MemoryBooks()];
  return new InstitutionPartition({ partition: 0, history, books, rules: all, lanePartitions: 1 });
}
