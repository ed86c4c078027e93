// What waits to be told to whom. It reads the log ahead of what is sent: an alert that is withdrawn or taken up before anybody was told
// of it is not told, and one that changed is told as it is now.
import type { Alert } from './alert.ts';
import type { Notice, NoticeKind } from './message.ts';
import { isOpen, type Known, newsOf } from './news.ts';
import type { Plan } from './plan.ts';
import { type Target, targetsOf } from './routing.ts';

export interface Entry {
  target: Target;
  notice: Notice;
  /** First record of the log that it rests on: the group's offset does not pass it. */
  offset: number;
  /** Appended before the notifier's horizon: told in a summary, not one by one. */
  backlog: boolean;
  /** On its way: whether it was told is not known until the channel answers. */
  sending: boolean;
  /** Addresses of the target that have it. */
  told: ReadonlySet<string>;
  /** Addresses of the target that do not exist. */
  gone: ReadonlySet<string>;
}

/** Alerts whose version and level, and targets whose having been told, are remembered; the oldest are forgotten first. */
const REMEMBERED = 200_000;
const NOBODY: ReadonlySet<string> = new Set();

export class Outbox {
  readonly #plan: Plan;
  readonly #horizon: number;
  readonly #latest = new Map<string, Known>();
  readonly #told = new Map<string, Target>();
  /** By channel. */
  readonly #waiting: ReadonlyMap<string, Map<string, Entry>>;
  /** Channels that an earlier run has brought further than the log has been read here, and how far. */
  readonly #ahead: Map<string, number>;

  /**
   * @param horizon ms: what was appended to the log before it is backlog.
   * @param settled by channel: the offset below which an earlier run had finished, where that lies ahead of the first record to be taken.
   */
  constructor(plan: Plan, horizon: number, settled: ReadonlyMap<string, number> = new Map()) {
    this.#plan = plan;
    this.#horizon = horizon;
    this.#waiting = new Map(plan.routes.map(({ channel }) => [channel, new Map()]));
    this.#ahead = new Map([...settled].filter(([channel]) => this.#waiting.has(channel)));
  }

  /** Takes the next record of the alert log. A version not above the one known is a repeat. */
  take(alert: Alert, { offset, timestamp }: { offset: number; timestamp: number }): void {
    this.readTo(offset);
    const before = this.#latest.get(alert.alert_id);
    if (before !== undefined && alert.version <= before.version) return;
    const { version, level } = alert;
    remember(this.#latest, alert.alert_id, { version, level, raised: alert.state.raised, open: isOpen(alert) });
    const routed = new Map(targetsOf(this.#plan, alert).map((target) => [target.key, target]));
    const news = newsOf(alert, before);
    const backlog = timestamp < this.#horizon;
    for (const target of this.#concerned(alert.alert_id, routed)) {
      const key = keyOf(target, alert.alert_id);
      const waiting = this.#on(target);
      const entry = waiting.get(key);
      const told = this.#told.has(key);
      const put = (kind: NoticeKind) =>
        waiting.set(key, {
          target,
          notice: { kind, alert },
          offset,
          backlog: backlog && kind !== 'withdrawn',
          sending: false,
          told: NOBODY,
          gone: NOBODY,
        });
      if (!alert.state.raised) {
        const toldOrSending = told || entry?.sending === true;
        if (entry?.notice.kind !== 'withdrawn') waiting.delete(key);
        if (news === 'withdrawn' && toldOrSending) put('withdrawn');
      } else if (!isOpen(alert) || !routed.has(target.key)) waiting.delete(key);
      else if (entry === undefined || entry.sending || entry.notice.kind === 'withdrawn') {
        if (news !== null && !(news === 'waiting' && (told || entry?.sending))) put(news);
      } else if (news !== null && entry.told.size > 0) put(news);
      else
        waiting.set(key, {
          ...entry,
          notice: { kind: news === 'escalated' ? news : entry.notice.kind, alert },
          backlog: entry.backlog && (news === null || backlog),
        });
    }
  }

  /** The log has been read up to `next`: what waits on a channel that an earlier run had brought so far counts as told. */
  readTo(next: number): void {
    for (const [channel, settled] of this.#ahead)
      if (settled <= next) {
        this.#ahead.delete(channel);
        this.#settleAllOn(channel);
      }
  }

  /** What waits on a channel: in the order of the log, behind it what was postponed. */
  waitingOn(channel: string): Entry[] {
    return this.#ahead.has(channel) ? [] : [...(this.#waiting.get(channel)?.values() ?? [])];
  }

  /** How much waits, by channel. */
  sizes(): Map<string, number> {
    return new Map([...this.#waiting].map(([channel, { size }]) => [channel, this.#ahead.has(channel) ? 0 : size]));
  }

  get size(): number {
    let all = 0;
    for (const size of this.sizes().values()) all += size;
    return all;
  }

  /** Whether an entry still waits as it is: it may have changed, or gone, while others were sent. */
  holds(entry: Entry): boolean {
    return this.#on(entry.target).get(keyOf(entry.target, entry.notice.alert.alert_id)) === entry;
  }

  /** Some addresses of an entry's target have it, or do not exist: it goes on waiting for the others. */
  reached(entry: Entry, told: readonly string[], gone: readonly string[]): void {
    entry.told = new Set([...entry.told, ...told]);
    entry.gone = new Set([...entry.gone, ...gone]);
    if (told.length > 0) remember(this.#told, keyOf(entry.target, entry.notice.alert.alert_id), entry.target);
  }

  /** Entries that were not taken stand behind the others of their channel from now on: one that never is holds up none. */
  postpone(entries: readonly Entry[]): void {
    for (const entry of entries.filter((each) => this.holds(each))) {
      const key = keyOf(entry.target, entry.notice.alert.alert_id);
      this.#on(entry.target).delete(key);
      this.#on(entry.target).set(key, entry);
    }
  }

  /** An entry has been told, or never can be: it waits no longer. */
  settle(entry: Entry, told: boolean): void {
    const key = keyOf(entry.target, entry.notice.alert.alert_id);
    if (this.holds(entry)) this.#on(entry.target).delete(key);
    if (!told) return;
    if (entry.notice.kind === 'withdrawn') this.#told.delete(key);
    else remember(this.#told, key, entry.target);
  }

  /** Everything that waits counts as told: for records that an earlier run had finished with. */
  settleAll(): void {
    for (const channel of this.#waiting.keys()) this.#settleAllOn(channel);
  }

  /** Somebody else tells what waits here: nothing of it is sent any more. */
  abandon(): void {
    for (const waiting of this.#waiting.values()) waiting.clear();
  }

  /** By channel: the offset below which it has nothing left to tell, when the log has been read up to `next`. */
  settledTo(next: number): Map<string, number> {
    return new Map(
      [...this.#waiting].map(([channel, waiting]) => {
        let lowest = this.#ahead.get(channel) ?? next;
        if (!this.#ahead.has(channel)) for (const { offset } of waiting.values()) lowest = Math.min(lowest, offset);
        return [channel, lowest];
      }),
    );
  }

  /** The offset that the group may commit when the log has been read up to `next`. */
  committable(next: number): number {
    return Math.min(next, ...this.settledTo(next).values());
  }

  #settleAllOn(channel: string): void {
    for (const entry of [...(this.#waiting.get(channel)?.values() ?? [])]) this.settle(entry, true);
  }

  #on({ channel }: Target): Map<string, Entry> {
    return this.#waiting.get(channel) as Map<string, Entry>;
  }

  /** Targets that the alert goes to now, and those that something waits for or was told. */
  #concerned(alertId: string, routed: ReadonlyMap<string, Target>): Target[] {
    const targets = new Map(routed);
    for (const target of allTargets(this.#plan)) {
      const key = keyOf(target, alertId);
      if (this.#on(target).has(key) || this.#told.has(key)) targets.set(target.key, target);
    }
    return [...targets.values()];
  }
}

function allTargets({ routes }: Plan): Target[] {
  return routes.map((route) => ({
    key: JSON.stringify([route.channel, route.roster ?? null, route.to ?? null]),
    channel: route.channel,
    route,
  }));
}

function keyOf(target: Target, alertId: string): string {
  return `${target.key}|${alertId}`;
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= REMEMBERED) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
