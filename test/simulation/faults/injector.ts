// Which faults strike a simulated world, and how often each did: drawn by the seed, counted, and cut short when a failure is shrunk.
import type { Random } from '../../../services/alerting/src/testing/scheduler.ts';

/** What can happen to one write on its way. */
export const WRITE_FAULTS = [
  'crash before sending',
  'crash before the acknowledgement',
  'crash after the acknowledgement',
  'lost request',
  'lost acknowledgement',
  'late write',
  'sent twice',
  'stopped while waiting',
  'rebalance meanwhile',
] as const;

/** What happens to the world as a whole. */
export const WORLD_FAULTS = [
  'crash',
  'orderly stop',
  'stopped for a session',
  'rebalance',
  'broker away',
  'broker clock jumps ahead',
  'broker clock jumps back',
  'router away',
  'feed held back',
] as const;

export type WriteFault = (typeof WRITE_FAULTS)[number];
export type WorldFault = (typeof WORLD_FAULTS)[number];

export interface Limits {
  /** Faults beyond the first so many do not strike. */
  faults?: number;
  /** Kinds that do not strike. */
  without?: ReadonlySet<string>;
}

export class Injector {
  /** How often each fault struck, and each `fault: what it struck`. */
  readonly struck = new Map<string, number>();
  total = 0;
  /** Off while the world comes to rest. */
  on = true;
  readonly #rate: number;
  readonly #limits: Limits;

  /** @param rate probability that a write meets a fault. */
  constructor(rate: number, limits: Limits) {
    this.#rate = rate;
    this.#limits = limits;
  }

  /** The fault of a write; null for none. Always draws twice, so that what is left out changes nothing else at once. */
  ofWrite(what: string, crashable: boolean, draw: Random): WriteFault | null {
    const [strikes, which] = [draw() < this.#rate, draw()];
    if (!strikes) return null;
    const fault = WRITE_FAULTS[Math.floor(which * WRITE_FAULTS.length)] as WriteFault;
    if (
      !crashable &&
      (fault.startsWith('crash') || fault === 'stopped while waiting' || fault === 'rebalance meanwhile')
    )
      return null;
    return this.#take(fault, what) ? fault : null;
  }

  /** Whether a fault of the world strikes now. */
  strikes(fault: WorldFault, what: string): boolean {
    return this.#take(fault, what);
  }

  /** Counts what is no fault of its own. */
  note(what: string): void {
    this.struck.set(what, (this.struck.get(what) ?? 0) + 1);
  }

  #take(fault: string, what: string): boolean {
    if (!this.on || this.#limits.without?.has(fault) === true) return false;
    if (this.total >= (this.#limits.faults ?? Number.POSITIVE_INFINITY)) return false;
    this.total++;
    this.note(fault);
    this.note(`${fault}: ${what}`);
    return true;
  }
}
