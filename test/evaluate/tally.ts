// Lives added up: how right each detector was over all of them, and how right the naive rule would have been.
import type { NaiveJudged } from './naive/claims.ts';
import type { Counted, Judged, Mistake } from './score.ts';

export interface Share {
  alerts: number;
  precision: number | null;
  recall: number | null;
}

export interface Score extends Share {
  truth: number;
  /** From the end of the truth's window, or two minutes after the event that completed it if that is earlier (persons: from that event), to the alert, s. */
  delay_p50_s: number | null;
  delay_p99_s: number | null;
  /** One person watching the whole city, day and night. */
  alerts_per_operator_hour: number;
}

export interface Evaluation {
  detectors: Record<string, Score>;
  naive: Record<string, Share & { ignores: string }>;
  mistakes: Mistake[];
}

export class Tally {
  readonly #hours: number;
  readonly #counted = new Map<string, Counted>();
  readonly #naive = new Map<string, { ignores: string; truth: number; claimed: number; right: number }>();
  readonly #mistakes: Mistake[] = [];

  /** @param days days of all lives together */
  constructor(days: number) {
    this.#hours = days * 24;
  }

  add({ counted, mistakes }: Judged, naive: NaiveJudged): void {
    for (const [id, { truth, found, wrong, delays }] of Object.entries(counted)) {
      const sum = this.#counted.get(id) ?? { truth: 0, found: 0, wrong: 0, delays: [] };
      sum.truth += truth;
      sum.found += found;
      sum.wrong += wrong;
      for (const delay of delays) sum.delays.push(delay);
      this.#counted.set(id, sum);
    }
    for (const [id, { ignores, truth, claimed, right }] of Object.entries(naive)) {
      const sum = this.#naive.get(id) ?? { ignores, truth: 0, claimed: 0, right: 0 };
      this.#naive.set(id, {
        ignores,
        truth: sum.truth + truth,
        claimed: sum.claimed + claimed,
        right: sum.right + right,
      });
    }
    this.#mistakes.push(...mistakes);
  }

  result(): Evaluation {
    const detectors = [...this.#counted].map(([id, { truth, found, wrong, delays }]): [string, Score] => {
      const sorted = delays.toSorted((a, b) => a - b);
      return [
        id,
        {
          truth,
          alerts: found + wrong,
          precision: share(found, found + wrong),
          recall: share(found, truth),
          delay_p50_s: quantile(sorted, 0.5),
          delay_p99_s: quantile(sorted, 0.99),
          alerts_per_operator_hour: Number(((found + wrong) / this.#hours).toFixed(2)),
        },
      ];
    });
    const naive = [...this.#naive].map(
      ([id, { ignores, truth, claimed, right }]): [string, Evaluation['naive'][string]] => [
        id,
        { alerts: claimed, precision: share(right, claimed), recall: share(right, truth), ignores },
      ],
    );
    return {
      detectors: Object.fromEntries(detectors),
      naive: Object.fromEntries(naive.sort(([a], [b]) => (a < b ? -1 : 1))),
      mistakes: this.#mistakes,
    };
  }
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function quantile(sorted: readonly number[], q: number): number | null {
  return sorted.length === 0 ? null : (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number);
}
