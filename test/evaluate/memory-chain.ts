// The whole chain in one process without broker or database: router, institution lane, code ledger and alerting over arrays. The same
// pure code as live; only what carries the records is missing.

import { createAlerting } from '@yunjian/alerting';
import {
  type AlertRecord,
  createPseudonymiser,
  decodeLane,
  FEEDS,
  type Feed,
  type Finding,
  type LaneEvent,
  type Mark,
  type Pseudonymiser,
} from '@yunjian/contracts';
import { InstitutionLane } from '@yunjian/detection';
import { detectors, ledgerRules } from '@yunjian/detectors';
import { route } from '@yunjian/service-ingest';
import { type LedgerInput, LedgerPartition, MemoryHistory } from '@yunjian/service-ledger';

/** Code-lane records judged at once; where a batch ends never changes a verdict. */
const LEDGER_BATCH = 2_000;
const MARK_MS = 1_000;

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
  readonly #ledger = new LedgerPartition({
    lane: 'code',
    partition: 0,
    history: new MemoryHistory(),
    rules: ledgerRules,
  });
  readonly #alerting = createAlerting();
  readonly #offsets = new Map<Feed, number>();
  readonly #lastEvent = new Map<Feed, number>();
  #codes: LedgerInput[] = [];
  #institutionOffset = 0;
  #codeOffset = 0;
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
      else if (output.lane === 'code')
        this.#codes.push({
          position: this.#codeOffset++,
          event: decodeLane(output.value) as LaneEvent,
          value: output.value,
        });
    }
    if (this.#codes.length >= LEDGER_BATCH) await this.#judgeCodes();
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
      if (this.#codes.length > 0 && this.#now % 60_000 === 0) await this.#judgeCodes();
    }
  }

  /** Judges what is left. */
  async finish(): Promise<void> {
    await this.#judgeCodes();
  }

  #step(record: Parameters<InstitutionLane['step']>[0]): void {
    this.#lane.step(record, this.#institutionOffset++);
    for (const finding of this.#lane.takeEffects().findings) this.#tell(finding);
  }

  async #judgeCodes(): Promise<void> {
    while (this.#codes.length > 0) {
      const batch = this.#codes;
      this.#codes = [];
      const { findings, reversed } = await this.#ledger.process(batch);
      for (const finding of findings) this.#tell(finding);
      for (const { value } of reversed)
        this.#codes.push({ position: this.#codeOffset++, event: decodeLane(value) as LaneEvent, value });
    }
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
