// What a run of many seeds went through: faults by kind, and what became of alerts. Sums over the worlds.
import { WORLD_FAULTS, WRITE_FAULTS } from './injector.ts';
import type { Outcome } from './simulate.ts';

/** Finer than kinds of faults, and so seldomer. */
const MUST_OCCUR = [
  'checkpoint',
  'checkpoint failed',
  'restored from a checkpoint',
  'alerting restored',
  'stale commit',
  'a raw partition waits in step',
  'conflict told',
  'alert log repeats a version',
  'refused: future',
  'crash before the acknowledgement: pointer',
  'crash after the acknowledgement: pointer',
  'late write: pointer',
  'rebalance meanwhile: checkpoint record',
  'stopped while waiting: pointer',
  'sent twice: event',
  'lost acknowledgement: lane record',
  'lost acknowledgement: finding',
  'lost acknowledgement: alert',
  'late write: alert',
  'feed held back: surveillance',
  'feed held back: settlement',
] as const;
const ALERTS = ['identity-check-missing', 'verification-unavailable', 'quarterly-spend', 'trace-repeated'];

export class Coverage {
  seeds = 0;
  faults = 0;
  readonly counts = new Map<string, number>();

  add({ struck, transitions, faults }: Outcome): void {
    this.seeds++;
    this.faults += faults;
    for (const source of [struck, transitions]) for (const [what, times] of source) this.count(what, times);
  }

  count(what: string, times: number): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  /**
   * What the run met too seldom, of everything that a world can meet.
   * @param least times for each kind of fault, and for each transition of each detector
   * @param finer times for what strikes at one place only
   */
  missing(least: number, finer: number): string[] {
    const transitions = ALERTS.flatMap((detector) =>
      ['raise', 'amend', 'withdraw'].map((each) => `${detector} ${each}`),
    );
    const wanted = [
      ...[...WRITE_FAULTS, ...WORLD_FAULTS, ...transitions].map((what) => ({ what, times: least })),
      ...MUST_OCCUR.map((what) => ({ what, times: finer })),
    ];
    return wanted
      .filter(({ what, times }) => (this.counts.get(what) ?? 0) < times)
      .map(({ what, times }) => `${what}: ${this.counts.get(what) ?? 0} times, expected at least ${times}`);
  }

  /** Kinds of faults and transitions with their numbers, for a person. */
  summary(): string {
    const kinds = [...WRITE_FAULTS, ...WORLD_FAULTS].map((what) => `${what} ${this.counts.get(what) ?? 0}`);
    const alerts = [...this.counts].filter(([what]) => ALERTS.some((detector) => what.startsWith(`${detector} `)));
    return `faults: ${kinds.join(', ')}\nalerts: ${alerts
      .map(([what, times]) => `${what} ${times}`)
      .sort()
      .join(', ')}`;
  }
}
