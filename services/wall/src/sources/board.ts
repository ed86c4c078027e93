// How fresh every source is, from the router's marks in one partition of lane.institution and from standing `source-silent` alerts.
import { FEEDS, type Feed, isoShanghai, type Mark } from '@yunjian/contracts';

export interface SourceState {
  name: string;
  /** `never`: nothing of it was ever seen; `stale`: its clock stands still, or it has been silent too long. */
  state: 'live' | 'stale' | 'never';
  /** Arrival of its last event that is no tick, ISO 8601. */
  last_event_at: string | null;
  /** Everything of it that arrived by then has been merged, ISO 8601. */
  clock_at: string | null;
}

/** The gateway's own view of the log: `stale` when it cannot tell that it has everything. */
export interface GatewayFeed {
  state: 'live' | 'stale';
  /** Records of the alert log not read yet, as last measured; null before the first measure. */
  behind: number | null;
  /** When it last held the whole log, ISO 8601. */
  current_at: string | null;
}

export interface FreshnessLimits {
  /** ms a feed's clock may stand still (ticks come once a second, marks too). */
  clock: number;
  /** ms without an event while ticks go on (detectors.md, source-silent: 30 s); null where a feed rests by nature. */
  silence: Record<Feed, number | null>;
}

export const FRESHNESS_LIMITS: FreshnessLimits = {
  clock: 15_000,
  silence: { settlement: 30_000, surveillance: 30_000, trace: 30_000, reference: null },
};

interface Progress {
  arrival: number;
  lastEvent: number | null;
}

/**
 * Clocks of the four feeds. A feed's clock is the minimum over its raw partitions: one partition that nobody merges holds it back, and
 * a partition never heard of leaves it without a clock.
 */
export class SourceBoard {
  #partitions = new Map<Feed, Map<number, Progress>>();
  #counts: Record<Feed, number> | null = null;
  #beats = new Map<string, number>();
  #limits: FreshnessLimits;

  constructor(limits: FreshnessLimits = FRESHNESS_LIMITS) {
    this.#limits = limits;
  }

  /** A mark is true whoever writes it, so an older one of a former owner never takes a clock back. */
  mark(mark: Mark): void {
    this.#counts = mark.partitions;
    for (const entry of mark.entries) {
      let partitions = this.#partitions.get(entry.feed);
      if (partitions === undefined) {
        partitions = new Map();
        this.#partitions.set(entry.feed, partitions);
      }
      const known = partitions.get(entry.partition);
      partitions.set(entry.partition, {
        arrival: Math.max(entry.arrival, known?.arrival ?? entry.arrival),
        lastEvent: later(entry.lastEvent, known?.lastEvent ?? null),
      });
    }
  }

  /** A sign of life of a processing stage (alerting's tick a second), by the broker's clock, ms. */
  beat(stage: string, at: number): void {
    this.#beats.set(stage, Math.max(at, this.#beats.get(stage) ?? at));
  }

  /** Names a stage that must show signs of life, before it has shown any. */
  expect(stage: string): void {
    if (!this.#beats.has(stage)) this.#beats.set(stage, Number.NEGATIVE_INFINITY);
  }

  /**
   * @param now ms
   * @param silent feeds about which a `source-silent` alert stands
   */
  states(now: number, silent: ReadonlySet<string> = new Set()): SourceState[] {
    return [
      ...FEEDS.map((feed) => this.#feed(feed, now, silent.has(feed))),
      ...[...this.#beats].map(([stage, at]) => this.#stage(stage, at, now)),
    ];
  }

  #feed(feed: Feed, now: number, silent: boolean): SourceState {
    const partitions = [...(this.#partitions.get(feed)?.values() ?? [])];
    const whole = this.#counts !== null && partitions.length >= this.#counts[feed] && partitions.length > 0;
    const clock = whole ? Math.min(...partitions.map((p) => p.arrival)) : null;
    const lastEvent = partitions.reduce<number | null>((last, p) => later(last, p.lastEvent), null);
    const mayRest = this.#limits.silence[feed];
    const fresh =
      !silent &&
      clock !== null &&
      now - clock <= this.#limits.clock &&
      (mayRest === null || (lastEvent !== null && now - lastEvent <= mayRest));
    return {
      name: feed,
      state: lastEvent === null && (mayRest !== null || clock === null) ? 'never' : fresh ? 'live' : 'stale',
      last_event_at: lastEvent === null ? null : isoShanghai(lastEvent),
      clock_at: clock === null ? null : isoShanghai(clock),
    };
  }

  #stage(name: string, at: number, now: number): SourceState {
    if (!Number.isFinite(at)) return { name, state: 'never', last_event_at: null, clock_at: null };
    const iso = isoShanghai(at);
    return { name, state: now - at <= this.#limits.clock ? 'live' : 'stale', last_event_at: iso, clock_at: iso };
  }
}

function later(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}
