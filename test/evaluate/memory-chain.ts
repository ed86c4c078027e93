// The whole chain in one process without broker or database: router, institution lane, ledgers and alerting over arrays. The same pure
// code as live; only what carries the records is missing.

import { createAlerting } from '@yunjian/alerting';
import {
  type AlertRecord,
  createPseudonymiser,
  decodeLane,
  encodeLane,
  FEEDS,
  type Feed,
  type Finding,
  kindOfValue,
  LANES,
  type Lane,
  type LaneEvent,
  type LaneKind,
  type Mark,
  type Pseudonymiser,
} from '@yunjian/contracts';
import { InstitutionLane } from '@yunjian/detection';
import { detectors, ledgerRules } from '@yunjian/detectors';
import { route } from '@yunjian/service-ingest';
import {
  InstitutionPartition,
  type LedgerInput,
  LedgerPartition,
  MemoryBooks,
  MemoryHistory,
} from '@yunjian/service-ledger';

/** Code-lane records judged at once; where a batch ends never changes a verdict. */
const LEDGER_BATCH = 2_000;
const MARK_MS = 1_000;
/** The ledgers' clocks move in larger steps, which costs a few seconds of delay and saves most of their batches. */
const LEDGER_MARK_MS = 10_000;
/** What the ledger reads of lane.institution. */
const KINDS = new Set<LaneKind>(['settlement', 'reversal', 'trace', 'drug', 'institution']);

interface Ledger {
  partition: LedgerPartition | InstitutionPartition;
  offset: number;
  waiting: LedgerInput[];
}

function ledgerOn(lane: 'code' | 'person'): LedgerPartition {
  const rules = ledgerRules.filter((rule) => (rule.lane as Lane) === lane);
  return new LedgerPartition({ lane, partition: 0, history: new MemoryHistory(), rules });
}

function ledgerOf(partition: Ledger['partition']): Ledger {
  return { partition, offset: 0, waiting: [] };
}

export interface FirstRaise {
  at: number;
  eventTime: number;
}

export interface Counts {
  routed: number;
  refused: number;
}

export class MemoryChain {
  readonly counts: Counts = { routed: 0, refused: 0 };
  readonly pseudonymiser: Pseudonymiser = createPseudonymiser('evaluation');
  /** Alerts as of their newest version, by id. */
  readonly alerts = new Map<string, AlertRecord>();
  /** When each alert was first raised, and the event time it had then; ms of the simulated clock. */
  readonly firstRaised = new Map<string, FirstRaise>();
  readonly #lane = new InstitutionLane({ partition: 0, detectors });
  readonly #ledgers: Record<Lane, Ledger> = {
    code: ledgerOf(ledgerOn('code')),
    person: ledgerOf(ledgerOn('person')),
    institution: ledgerOf(
      new InstitutionPartition({
        partition: 0,
        history: new MemoryHistory(),
        books: new MemoryBooks(),
        rules: ledgerRules,
        lanePartitions: 1,
      }),
    ),
  };
  readonly #alerting = createAlerting();
  readonly #offsets = new Map<Feed, number>();
  readonly #lastEvent = new Map<Feed, number>();
  #institutionOffset = 0;
  #alertOffset = 0;
  #now: number;

  /** @param start simulated arrival at which the clocks begin, ms */
  constructor(start: number) {
    this.#now = Math.floor(start / MARK_MS) * MARK_MS;
    this.#lane.restore();
  }

  /** A raw record arrives; arrivals never go back. */
  async arrive(feed: Feed, arrival: number, value: Buffer): Promise<void> {
    await this.passTo(arrival);
    const offset = this.#offsets.get(feed) ?? 0;
    this.#offsets.set(feed, offset + 1);
    this.#lastEvent.set(feed, arrival);
    const routed = route(
      { feed, partition: 0, offset, arrival, value },
      { pseudonymiser: this.pseudonymiser, lanePartitions: 1, replay: false },
    );
    if (!routed.ok) {
      this.counts.refused++;
      return;
    }
    this.counts.routed++;
    for (const output of routed.outputs) {
      if (output.lane === 'institution') this.#step(decodeLane(output.value) as LaneEvent);
      if (output.lane !== 'institution' || KINDS.has(kindOfValue(output.value) as LaneKind))
        this.#lay(output.lane, output.value);
    }
    if (LANES.some((lane) => this.#ledgers[lane].waiting.length >= LEDGER_BATCH)) await this.#judge();
  }

  /** Lets time pass: a mark a second. */
  async passTo(arrival: number): Promise<void> {
    while (this.#now + MARK_MS <= arrival) {
      this.#now += MARK_MS;
      const mark: Mark = {
        kind: 'mark',
        entries: FEEDS.map((feed) => ({
          feed,
          partition: 0,
          next: this.#offsets.get(feed) ?? 0,
          arrival: this.#now,
          lastEvent: this.#lastEvent.get(feed) ?? null,
        })),
        partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 },
      };
      this.#step(mark);
      if (this.#now % LEDGER_MARK_MS !== 0) continue;
      const value = encodeLane(mark);
      for (const lane of LANES) this.#lay(lane, value);
      await this.#judge();
    }
  }

  /** Judges what is left. */
  async finish(): Promise<void> {
    await this.#judge();
  }

  #lay(lane: Lane, value: Buffer): void {
    const ledger = this.#ledgers[lane];
    ledger.waiting.push({ position: ledger.offset++, event: decodeLane(value), value });
  }

  #step(record: Parameters<InstitutionLane['step']>[0]): void {
    this.#lane.step(record, this.#institutionOffset++);
    for (const finding of this.#lane.takeEffects().findings) this.#tell(finding);
  }

  /** What the ledgers tell the code lane comes behind what was laid there. */
  async #judge(): Promise<void> {
    for (let lane = this.#waitingLane(); lane !== undefined; lane = this.#waitingLane()) {
      const ledger = this.#ledgers[lane];
      const batch = ledger.waiting;
      ledger.waiting = [];
      const { findings, reversed } = await ledger.partition.process(batch);
      for (const finding of findings) this.#tell(finding);
      for (const { value } of reversed) this.#lay('code', value);
    }
  }

  #waitingLane(): Lane | undefined {
    return LANES.find((lane) => this.#ledgers[lane].waiting.length > 0);
  }

  #tell(finding: Finding): void {
    const { log } = this.#alerting.step(finding, { offset: this.#alertOffset++, timestamp: this.#now });
    for (const alert of log) {
      this.alerts.set(alert.alert_id, alert);
      if (alert.state.raised && !this.firstRaised.has(alert.alert_id))
        this.firstRaised.set(alert.alert_id, { at: this.#now, eventTime: Date.parse(alert.event_time) });
    }
  }
}
