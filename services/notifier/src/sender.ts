// Empties the outbox of one channel: one message each while the channel takes them, a digest when it would be too many, and patience
// while the other side is away.

import { Overrun, Refused, type Transport } from './channels/port.ts';
import { RateLimit } from './limit.ts';
import { backlogOf, digestOf, type Message, messageOf, type Notice } from './message.ts';
import type { Entry, Outbox } from './outbox.ts';
import type { Plan } from './plan.ts';
import { recipientsAt } from './routing.ts';

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
  /** Why the channel is away, null while it is well. */
  trouble: string | null = null;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#limit = new RateLimit(options.channel.perMinute, options.now());
  }

  /**
   * Sends what waits and may leave now. Never rejects: what fails keeps waiting.
   * @param caughtUp whether the log has been read to its end: a summary of the backlog waits for that.
   */
  async run(outbox: Outbox, caughtUp: boolean): Promise<void> {
    const { channel, now } = this.#options;
    if (now() < this.#quietUntil) return;
    const byTarget = Map.groupBy(outbox.waitingOn(channel.name), ({ target }) => target.key);
    for (const entries of byTarget.values()) {
      const recipients = recipientsAt(this.#options.plan, (entries[0] as Entry).target.route, now());
      if (channel.type === 'smtp' && recipients.length === 0) continue;
      const [backlog, fresh] = [entries.filter((e) => e.backlog), entries.filter((e) => !e.backlog)];
      const portions = caughtUp && backlog.length > 0 ? [backlog, ...this.#portions(fresh)] : this.#portions(fresh);
      for (const portion of portions) {
        if (this.#limit.free(now()) === 0) return;
        if (!(await this.#send(outbox, portion, recipients))) return;
      }
    }
  }

  #portions(fresh: Entry[]): Entry[][] {
    if (fresh.length <= this.#limit.free(this.#options.now())) return fresh.map((entry) => [entry]);
    return fresh.length > 0 ? [fresh] : [];
  }

  /** False when the channel is away. */
  async #send(outbox: Outbox, chosen: readonly Entry[], recipients: readonly string[]): Promise<boolean> {
    const entries = chosen.filter((entry) => outbox.holds(entry));
    if (entries.length === 0) return true;
    const { transport, channel, now, outcome } = this.#options;
    const { kind, message } = this.#wordsFor(entries);
    for (const entry of entries) entry.sending = true;
    try {
      await transport.send(message, recipients);
      this.#limit.used(now());
      this.#wellAgain();
      for (const entry of entries) outbox.settle(entry, true);
      outcome(channel.name, kind, 'sent');
      return true;
    } catch (error) {
      const reason = (error as Error).message;
      if (error instanceof Refused) {
        this.#limit.used(now());
        for (const entry of entries) outbox.settle(entry, false);
        outcome(channel.name, kind, 'refused', reason);
        return true;
      }
      for (const entry of entries) entry.sending = false;
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures++);
      this.#quietUntil = now() + (error instanceof Overrun ? error.waitMs : pause);
      this.trouble = reason;
      outcome(channel.name, kind, 'failed', reason);
      return false;
    }
  }

  #wordsFor(entries: readonly Entry[]): { kind: string; message: Message } {
    const { wall, backlogHours } = this.#options;
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
    return { kind: 'digest', message: digestOf(notices, wall, this.#options.transport.room) };
  }

  #wellAgain(): void {
    this.#failures = 0;
    this.trouble = null;
  }
}
