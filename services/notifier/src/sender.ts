// Empties the outbox of one channel: one message each while the channel takes them, a digest when it would be too many, and patience
// while the other side is away.

import { type Missed, Overrun, Refused, type Transport } from './channels/port.ts';
import { RateLimit } from './limit.ts';
import { backlogOf, digestOf, type Message, messageOf, type Notice } from './message.ts';
import type { Entry, Outbox } from './outbox.ts';
import type { Plan } from './plan.ts';
import { nameOf, recipientsAt } from './routing.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface SenderOptions {
  channel: { name: string; type: 'smtp' | 'webhook'; perMinute: number };
  transport: Transport;
  plan: Plan;
  wall: string;
  backlogHours: number;
  /** ms since the epoch */
  now: () => number;
  outcome(channel: string, kind: string, outcome: 'sent' | 'refused' | 'failed', reason?: string): void;
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #limit: RateLimit;
  #quietUntil = 0;
  #failures = 0;
  /** Most alerts of a digest: half of one that was not taken, until one is. */
  #most = Number.POSITIVE_INFINITY;
  /** Addresses that the mail server does not take just now (greylisting, a full mailbox), and until when they are left alone, ms. */
  readonly #resting = new Map<string, { until: number; failures: number }>();
  #away: string | null = null;
  /** By address, or by target for a message that was refused: what was not taken there last. */
  readonly #misses = new Map<string, string>();
  #unmanned: string[] = [];

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#limit = new RateLimit(options.channel.perMinute, options.now());
  }

  /** Why somebody is not told who should be; null while everybody is. A refusal stands until a message is taken there again. */
  get trouble(): string | null {
    const all = [...(this.#away === null ? [] : [this.#away]), ...this.#misses.values(), ...this.#unmanned];
    return all.length === 0 ? null : all.join('; ');
  }

  /**
   * Sends what waits and may leave now. Never rejects: what fails keeps waiting.
   * @param caughtUp whether the log has been read to its end: a summary of the backlog waits for that.
   */
  async run(outbox: Outbox, caughtUp: boolean): Promise<void> {
    const { channel, now } = this.#options;
    if (now() < this.#quietUntil) return;
    const parties = [...Map.groupBy(outbox.waitingOn(channel.name), partyOf).values()];
    this.#unmanned = this.#withNobodyOnDuty(parties);
    for (const entries of parties)
      for (const portion of this.#portions(entries, caughtUp)) {
        if (this.#limit.free(now()) === 0) return;
        if (!(await this.#send(outbox, portion))) return;
      }
    this.#failures = 0;
  }

  #withNobodyOnDuty(parties: readonly Entry[][]): string[] {
    const { channel, plan, now } = this.#options;
    if (channel.type === 'webhook') return [];
    const waiting = parties.flatMap((entries) => {
      const { target } = entries[0] as Entry;
      return recipientsAt(plan, target.route, now()).length > 0 ? [] : [{ target, count: entries.length }];
    });
    return waiting.map(({ target, count }) => `${nameOf(plan, target)}: nobody is on duty, alerts that wait: ${count}`);
  }

  #portions(entries: readonly Entry[], caughtUp: boolean): Entry[][] {
    const [backlog, fresh] = [entries.filter((e) => e.backlog), entries.filter((e) => !e.backlog)];
    const most = fresh.length <= this.#limit.free(this.#options.now()) ? 1 : this.#most;
    const portions = caughtUp && backlog.length > 0 ? [backlog] : [];
    for (let i = 0; i < fresh.length; i += most) portions.push(fresh.slice(i, i + most));
    return portions;
  }

  /** False when this run should end: the channel is away, or what waits is better divided anew. */
  async #send(outbox: Outbox, chosen: readonly Entry[]): Promise<boolean> {
    const entries = chosen.filter((entry) => outbox.holds(entry) && !this.#done(outbox, entry));
    const [first] = entries;
    if (first === undefined) return true;
    const { transport, channel, now } = this.#options;
    const recipients = this.#left(first).filter((address) => (this.#resting.get(address)?.until ?? 0) <= now());
    if (channel.type === 'smtp' && recipients.length === 0) return true;
    const { kind, message } = this.#wordsFor(entries);
    for (const entry of entries) entry.sending = true;
    try {
      const missed = await transport.send(message, recipients);
      return this.#answered(outbox, entries, kind, recipients, missed);
    } catch (error) {
      return this.#notTaken(outbox, entries, kind, error as Error);
    } finally {
      this.#limit.used(now());
    }
  }

  #answered(
    outbox: Outbox,
    entries: readonly Entry[],
    kind: string,
    recipients: readonly string[],
    missed: readonly Missed[],
  ): boolean {
    const { channel, outcome } = this.#options;
    const { target } = entries[0] as Entry;
    const reached = recipients.filter((address) => missed.every(({ recipient }) => recipient !== address));
    this.#away = null;
    for (const address of reached) {
      this.#misses.delete(address);
      this.#resting.delete(address);
    }
    for (const miss of missed) this.#note(entries[0] as Entry, miss, kind);
    const robot = channel.type === 'webhook';
    const gone = missed.filter(({ forGood }) => forGood).map(({ recipient }) => recipient);
    for (const entry of entries) {
      entry.sending = false;
      outbox.reached(entry, reached, gone);
      if (robot) outbox.settle(entry, true);
      else this.#done(outbox, entry);
    }
    if (!robot && reached.length === 0) return true;
    this.#misses.delete(target.key);
    outcome(channel.name, kind, 'sent');
    const whole = this.#most === Number.POSITIVE_INFINITY;
    this.#most = Number.POSITIVE_INFINITY;
    return whole;
  }

  #note({ target }: Entry, { recipient, reason, forGood }: Missed, kind: string): void {
    const { channel, plan, now, outcome } = this.#options;
    const all = recipientsAt(plan, target.route, now());
    const where = `${nameOf(plan, target)}, address ${all.indexOf(recipient) + 1} of ${all.length}: ${reason}`;
    this.#misses.set(recipient, where);
    outcome(channel.name, kind, forGood ? 'refused' : 'failed', where);
    if (forGood) return;
    const failures = this.#resting.get(recipient)?.failures ?? 0;
    this.#resting.set(recipient, { until: now() + pauseAfter(failures), failures: failures + 1 });
  }

  #notTaken(outbox: Outbox, entries: readonly Entry[], kind: string, error: Error): boolean {
    const { channel, plan, now, outcome } = this.#options;
    const { target } = entries[0] as Entry;
    const reason = `${nameOf(plan, target)}: ${error.message}`;
    for (const entry of entries) entry.sending = false;
    if (kind === 'digest' && !(error instanceof Overrun)) this.#most = Math.ceil(entries.length / 2);
    if (error instanceof Refused) {
      this.#misses.set(target.key, reason);
      const alone = kind !== 'digest';
      if (alone) for (const entry of entries) outbox.settle(entry, false);
      outcome(channel.name, kind, alone ? 'refused' : 'failed', reason);
      return alone;
    }
    outbox.postpone(entries);
    const pause = pauseAfter(this.#failures++);
    this.#quietUntil = now() + (error instanceof Overrun ? Math.max(pause, error.waitMs) : pause);
    this.#away = error.message;
    outcome(channel.name, kind, 'failed', reason);
    return false;
  }

  /** Addresses that an entry is still to reach, of those who are told at this instant. */
  #left({ target, told, gone }: Entry): string[] {
    const all = recipientsAt(this.#options.plan, target.route, this.#options.now());
    return all.filter((address) => !told.has(address) && !gone.has(address));
  }

  /** Settles an entry that has reached whom it can. What has reached nobody on duty waits for the next who is. */
  #done(outbox: Outbox, entry: Entry): boolean {
    const { told, target } = entry;
    if (this.#options.channel.type === 'webhook' || this.#left(entry).length > 0) return false;
    if (told.size === 0 && target.route.to === undefined) return false;
    outbox.settle(entry, told.size > 0);
    return true;
  }

  #wordsFor(entries: readonly Entry[]): { kind: string; message: Message } {
    const { wall, backlogHours, transport } = this.#options;
    const notices: Notice[] = entries.map(({ notice }) => notice);
    if (entries[0]?.backlog === true)
      return {
        kind: 'backlog',
        message: backlogOf(
          notices.map(({ alert }) => alert),
          backlogHours,
          wall,
        ),
      };
    const [only] = notices;
    if (notices.length === 1 && only !== undefined) return { kind: only.kind, message: messageOf(only, wall) };
    return { kind: 'digest', message: digestOf(notices, wall, transport.room) };
  }
}

/** What may go into one message: for the same target, and left to be told to the same addresses of it. */
function partyOf({ target, told, gone }: Entry): string {
  const done = [...told, ...gone];
  return done.length === 0 ? target.key : JSON.stringify([target.key, ...done.sort()]);
}

function pauseAfter(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
}
