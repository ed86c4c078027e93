// What an evaluation sends through the chain in memory: raw records read as the router does, findings into alerting.

import { createAlerting } from '@yunjian/alerting';
import {
  type AlertRecord,
  createPseudonymiser,
  type Feed,
  type Finding,
  type Pseudonymiser,
  parseRawEvent,
  toModel,
  type YunjianEvent,
} from '@yunjian/contracts';
import { detectors, ledgerRules } from '@yunjian/detectors';
import { MemoryChain } from '@yunjian/infra/memory-chain/chain.ts';

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

  /** A raw record arrives; arrivals never go back. @returns the event as the router reads it; null: refused */
  async arrive(feed: Feed, arrival: number, value: Buffer): Promise<YunjianEvent | null> {
    await this.#chain.passTo(arrival);
    const parsed = parseRawEvent(value, { arrival, replay: false, feed });
    this.counts[parsed.ok ? 'routed' : 'refused']++;
    if (!parsed.ok) {
      await this.#chain.arriveRouted(feed, arrival, []);
      return null;
    }
    const origin = { feed, partition: 0, offset: this.#chain.next(feed), index: 0 };
    const event = toModel(parsed.event, { arrival, origin }, this.pseudonymiser);
    await this.#chain.arrive(event);
    return event;
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
