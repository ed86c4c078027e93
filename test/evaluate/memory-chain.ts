// What an evaluation sends through the chain in memory: raw records past the router, findings into alerting.

import { createAlerting } from '@yunjian/alerting';
import { type AlertRecord, createPseudonymiser, type Feed, type Finding, type Pseudonymiser } from '@yunjian/contracts';
import { detectors, ledgerRules } from '@yunjian/detectors';
import { MemoryChain } from '@yunjian/infra/memory-chain/chain.ts';
import { route } from '@yunjian/service-ingest';

export interface FirstRaise {
  at: number;
  eventTime: number;
}

export interface Counts {
  routed: number;
  refused: number;
}

export class EvaluationChain {
  readonly counts: Counts = { routed: 0, refused: 0 };
  readonly pseudonymiser: Pseudonymiser = createPseudonymiser('evaluation');
  /** Alerts as of their newest version, by id. */
  readonly alerts = new Map<string, AlertRecord>();
  /** When each alert was first raised, and the event time it had then; ms of the simulated clock. */
  readonly firstRaised = new Map<string, FirstRaise>();
  readonly #chain: MemoryChain;
  readonly #alerting = createAlerting();
  #alertOffset = 0;

  /** @param start simulated arrival at which the clocks begin, ms */
  constructor(start: number) {
    const onFinding = (finding: Finding, now: number) => this.#tell(finding, now);
    this.#chain = new MemoryChain({ start, detectors, ledgerRules, rules: null, onFinding });
  }

  /** A raw record arrives; arrivals never go back. */
  async arrive(feed: Feed, arrival: number, value: Buffer): Promise<void> {
    await this.#chain.passTo(arrival);
    const record = { feed, partition: 0, offset: this.#chain.next(feed), arrival, value };
    const routed = route(record, { pseudonymiser: this.pseudonymiser, lanePartitions: 1, replay: false });
    this.counts[routed.ok ? 'routed' : 'refused']++;
    await this.#chain.arriveRouted(feed, arrival, routed.ok ? routed.outputs : []);
  }

  /** Lets time pass: a mark a second. */
  passTo(arrival: number): Promise<void> {
    return this.#chain.passTo(arrival);
  }

  /** Judges what is left. */
  finish(): Promise<void> {
    return this.#chain.finish();
  }

  #tell(finding: Finding, now: number): void {
    const { log } = this.#alerting.step(finding, { offset: this.#alertOffset++, timestamp: now });
    for (const alert of log) {
      this.alerts.set(alert.alert_id, alert);
      if (alert.state.raised && !this.firstRaised.has(alert.alert_id))
        this.firstRaised.set(alert.alert_id, { at: now, eventTime: Date.parse(alert.event_time) });
    }
  }
}
