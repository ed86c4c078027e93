// Alerting's pure core: one record of lane.alert in, records of the alert log and replies out. Everything it decides by comes from
// lane.alert, its time too, so that whoever reads the same lane writes the same log.
import type { AlertRecord, Command, CommandReply, Finding, LaneAlertRecord, Level } from '@yunjian/contracts';
import { AlertBook, type Held, nextVersion } from './book.ts';
import { obey } from './commands.ts';
import { contentOf, judge, sameContent } from './findings.ts';
import { Outcomes } from './outcomes.ts';
import { type AlertingSettings, DEFAULT_SETTINGS } from './settings.ts';
import { memoryTables, type Progress, type StateTable, type StateTables } from './tables.ts';

export interface Position {
  /** Offset in lane.alert. */
  offset: number;
  /** The broker's LogAppendTime, ms. */
  timestamp: number;
}

export interface Decision {
  /** New versions, in the order in which the log must hold them. */
  log: AlertRecord[];
  replies: CommandReply[];
  /** What became of the record: `dropped` its cause was taken before, `unchanged` it said nothing new, `repeated` its offset was read before. */
  verdict: 'taken' | 'dropped' | 'unchanged' | 'repeated';
}

export interface Alerting {
  /** Takes the next record of the lane; an offset below the next one does nothing. */
  step(record: LaneAlertRecord, position: Position): Decision;
  /** Passes over an offset whose record could not be read. */
  skip(position: Position): void;
  /**
   * For a log that holds another record of a version than the one decided here (an earlier release decided otherwise): the log is right,
   * and what it lacks becomes one more version.
   * @returns that version, or null when both make the same claim in the same state.
   */
  yieldTo(told: AlertRecord, decided: AlertRecord): AlertRecord | null;
  /** Next offset of lane.alert. */
  readonly next: number;
  /** Alerting's clock: the highest timestamp read, ms; 0 before the first. */
  readonly clock: number;
  get(alertId: string): AlertRecord | undefined;
  /** Alerts that are raised and not disposed, by level. */
  standing(): Readonly<Record<Level, number>>;
}

/** @param tables state as restored from a checkpoint; default: none. */
export function createAlerting(
  tables: StateTables = memoryTables(),
  settings: AlertingSettings = DEFAULT_SETTINGS,
): Alerting {
  return new AlertingCore(tables, settings);
}

class AlertingCore implements Alerting {
  readonly #settings: AlertingSettings;
  readonly #book: AlertBook;
  readonly #outcomes: Outcomes;
  /** Last cause taken, [offset, index], by processor, lane and partition. */
  readonly #causes: StateTable<[number, number]>;
  readonly #progress: StateTable<Progress>;

  constructor(tables: StateTables, settings: AlertingSettings) {
    this.#settings = settings;
    this.#book = new AlertBook(tables, settings);
    this.#outcomes = new Outcomes(tables, settings.rememberOutcomes);
    this.#causes = tables.table('causes');
    this.#progress = tables.table('progress');
  }

  get next(): number {
    return this.#progress.get('lane')?.next ?? 0;
  }

  get clock(): number {
    return this.#progress.get('lane')?.clock ?? 0;
  }

  get(alertId: string): AlertRecord | undefined {
    return this.#book.get(alertId)?.record;
  }

  standing(): Readonly<Record<Level, number>> {
    return this.#book.standing();
  }

  skip(position: Position): void {
    this.#pass(position);
  }

  step(record: LaneAlertRecord, position: Position): Decision {
    if (!this.#pass(position)) return { log: [], replies: [], verdict: 'repeated' };
    switch (record.type) {
      case 'finding':
        return this.#find(record);
      case 'command':
        return this.#command(record);
      case 'tick':
        return this.#tick();
    }
  }

  yieldTo(told: AlertRecord, decided: AlertRecord): AlertRecord | null {
    const held = this.#book.get(decided.alert_id);
    const inForce: Held = { record: told, waitingSince: held?.waitingSince ?? null };
    this.#book.put(inForce);
    if (sameContent(told, decided) && sameState(told, decided)) return null;
    const transition = { action: 'amend' as const, by: 'system', reason: 'judged anew by a later release' };
    const change = { ...contentOf(decided), state: decided.state };
    const corrected = nextVersion(inForce, change, transition, this.clock);
    this.#book.put(corrected);
    return corrected.record;
  }

  /** Moves position and clock; false for an offset that was read before. */
  #pass({ offset, timestamp }: Position): boolean {
    const { next, clock } = { next: this.next, clock: this.clock };
    if (offset < next) return false;
    this.#progress.set('lane', { next: offset + 1, clock: Math.max(clock, timestamp) });
    return true;
  }

  #find(finding: Finding): Decision {
    const { processor, lane, partition, offset, index } = finding.cause;
    const source = `${processor}/${lane}/${partition}`;
    const [lastOffset, lastIndex] = this.#causes.get(source) ?? [-1, -1];
    if (offset < lastOffset || (offset === lastOffset && index <= lastIndex)) return quiet('dropped');
    this.#causes.set(source, [offset, index]);
    const held = judge(this.#book.get(finding.alert_id), finding, this.clock);
    return held === null ? quiet('unchanged') : this.#write([held]);
  }

  #command(command: Command): Decision {
    const known = this.#outcomes.recall(command, this.clock);
    if (known === 'other')
      return this.#reply(command, {
        outcome: 'refused',
        message: `该请求编号已用于另一条指令 / idem ${command.idem} was used for another command: give each command its own`,
      });
    if (known !== null) return { ...this.#reply(command, known), verdict: 'unchanged' };
    const outcome = obey(this.#book.get(command.alert_id), command, this.clock, this.#settings);
    const done = outcome.outcome === 'done';
    const told = { outcome: outcome.outcome, message: done ? '' : outcome.message };
    this.#outcomes.remember(command, told, this.clock);
    const log = done ? this.#write([outcome.held]).log : [];
    return { ...this.#reply(command, told), log };
  }

  #reply(command: Command, { outcome, message }: Pick<CommandReply, 'outcome' | 'message'>): Decision {
    const shown = outcome === 'done' || outcome === 'version_conflict';
    const alert = shown ? (this.get(command.alert_id) ?? null) : null;
    const reply = { idem: command.idem, alert_id: command.alert_id, outcome, message, alert };
    return { log: [], replies: [reply], verdict: 'taken' };
  }

  #tick(): Decision {
    this.#outcomes.forget(this.clock);
    const moved: AlertRecord[] = [];
    while (moved.length < this.#settings.movedPerTick) {
      const due = this.#book.takeDue(this.clock);
      if (due === null) break;
      moved.push(...this.#write([due.move === 'unshelve' ? this.#unshelve(due.held) : this.#escalate(due.held)]).log);
    }
    return { log: moved, replies: [], verdict: moved.length > 0 ? 'taken' : 'unchanged' };
  }

  #unshelve(held: Held): Held {
    const change = { state: { ...held.record.state, shelved: false }, shelved_until: null };
    return nextVersion(
      held,
      change,
      { action: 'unshelve', by: 'system', reason: '搁置到期 / the time it was shelved for is over' },
      this.clock,
    );
  }

  #escalate(held: Held): Held {
    const minutes = (this.#settings.escalateAfter[held.record.level] ?? 0) / 60_000;
    return nextVersion(
      held,
      { escalation: (held.record.escalation ?? 0) + 1 },
      {
        action: 'escalate',
        by: 'system',
        reason: `${minutes} 分钟内未确认 / not acknowledged within ${minutes} minutes`,
      },
      this.clock,
    );
  }

  #write(changed: readonly Held[]): Decision {
    for (const held of changed) this.#book.put(held);
    return { log: changed.map(({ record }) => record), replies: [], verdict: 'taken' };
  }
}

function quiet(verdict: 'dropped' | 'unchanged'): Decision {
  return { log: [], replies: [], verdict };
}

function sameState({ state: a }: AlertRecord, { state: b }: AlertRecord): boolean {
  return a.raised === b.raised && a.acked === b.acked && a.shelved === b.shelved && a.disposed === b.disposed;
}
