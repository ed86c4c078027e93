// The outcomes of recent commands under their idem: a command that comes again gets its outcome again and changes nothing.
import { type Command, type CommandReply, digest } from '@yunjian/contracts';
import type { StateTable, StateTables } from './tables.ts';

interface Remembered {
  outcome: CommandReply['outcome'];
  message: string;
  /** What was asked, to tell a repeat from another command under the same idem. */
  asked: string;
  /** Digest of what was said with it; rows of earlier releases have none, and are told apart by what was asked alone. */
  said?: string;
  /** ms of alerting's clock */
  at: number;
}

export class Outcomes {
  readonly #rows: StateTable<Remembered>;
  readonly #age: number;
  /** Oldest first; only for forgetting, a look-up goes by age. */
  #queue: { idem: string; at: number }[];

  /** @param age ms for which an outcome is remembered. */
  constructor(tables: StateTables, age: number) {
    this.#rows = tables.table<Remembered>('outcomes');
    this.#age = age;
    this.#queue = [...this.#rows.entries()].map(([idem, { at }]) => ({ idem, at })).sort((a, b) => a.at - b.at);
  }

  /** The outcome of this command when it was decided before; `other` when its idem was used for something else. */
  recall(command: Command, now: number): Pick<CommandReply, 'outcome' | 'message'> | 'other' | null {
    const row = this.#rows.get(command.idem);
    if (row === undefined || row.at < now - this.#age) return null;
    const same = row.asked === asked(command) && (row.said === undefined || row.said === said(command));
    return same ? { outcome: row.outcome, message: row.message } : 'other';
  }

  remember(command: Command, { outcome, message }: Pick<CommandReply, 'outcome' | 'message'>, now: number): void {
    this.#rows.set(command.idem, { outcome, message, asked: asked(command), said: said(command), at: now });
    this.#queue.push({ idem: command.idem, at: now });
  }

  /** Drops what is too old. */
  forget(now: number): void {
    let gone = 0;
    for (const { idem, at } of this.#queue) {
      if (at >= now - this.#age) break;
      if (this.#rows.get(idem)?.at === at) this.#rows.delete(idem);
      gone++;
    }
    if (gone > 0) this.#queue.splice(0, gone);
  }
}

function asked({ alert_id, action, by, if_version }: Command): string {
  return JSON.stringify([alert_id, action, by, if_version]);
}

function said({ reason, assignee, until, outcome }: Command): string {
  return digest(JSON.stringify([reason, assignee, until, outcome]), 11);
}
