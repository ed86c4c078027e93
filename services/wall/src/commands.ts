// Operators' commands: sent into alerting's lane, answered when their outcome comes back under the same `idem`.
import { type AlertRecord, alertActionFields, type Command, type CommandReply } from '@yunjian/contracts';
import { z } from 'zod';
import type { Operator } from './operators.ts';

/** What an operator asks of an alert; of the contract. */
export const actionFields = alertActionFields;

const action = z.object(actionFields);

export function toCommand(alertId: string, operator: Operator, given: z.output<typeof action>): Command {
  const { assignee, until, outcome, ...fields } = given;
  return {
    type: 'command',
    alert_id: alertId,
    by: operator.name,
    ...fields,
    ...(assignee === undefined ? {} : { assignee }),
    ...(until === undefined ? {} : { until }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

/** What came of a command; `unanswered` when nothing came back in time, and then the outcome is unknown. */
export interface Outcome {
  outcome: CommandReply['outcome'] | 'unanswered';
  message: string;
  /** The alert as it now stands (done, version_conflict). */
  alert: AlertRecord | null;
}

export interface CommandPort {
  /** Resolves once the command is in the lane. */
  send(command: Command): Promise<void>;
}

interface Waiting {
  resolve: (outcome: Outcome) => void;
  timer: NodeJS.Timeout;
}

export const ANSWER_WITHIN_MS = 5000;

export class CommandDesk {
  #port: CommandPort;
  #answerWithin: number;
  /** Several requests may wait under one `idem`: a client that repeats gets the same outcome. */
  #waiting = new Map<string, Set<Waiting>>();

  #observe: (outcome: Outcome['outcome'], seconds: number) => void;

  constructor(
    port: CommandPort,
    observe: (outcome: Outcome['outcome'], seconds: number) => void,
    answerWithinMs = ANSWER_WITHIN_MS,
  ) {
    this.#port = port;
    this.#observe = observe;
    this.#answerWithin = answerWithinMs;
  }

  /** Never rejects: a lane that cannot be reached is `unanswered` too. */
  async give(command: Command): Promise<Outcome> {
    const from = performance.now();
    const outcome = await this.#answerTo(command);
    this.#observe(outcome.outcome, (performance.now() - from) / 1000);
    return outcome;
  }

  #answerTo(command: Command): Promise<Outcome> {
    return new Promise((resolve) => {
      const waiting: Waiting = {
        resolve,
        timer: setTimeout(() => {
          this.#settle(command.idem, waiting, {
            outcome: 'unanswered',
            alert: null,
            message: `预警处理在 ${this.#answerWithin} 毫秒内未答复,结果未知,请以同一 idem 重试 / alerting gave no answer within ${this.#answerWithin} ms: the outcome is unknown, repeat with the same idem`,
          });
        }, this.#answerWithin),
      };
      const others = this.#waiting.get(command.idem) ?? new Set();
      this.#waiting.set(command.idem, others.add(waiting));
      this.#port.send(command).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        this.#settle(command.idem, waiting, {
          outcome: 'unanswered',
          alert: null,
          message: `指令未能送达,请以同一 idem 重试 / the command could not be handed to alerting (${why}): repeat with the same idem`,
        });
      });
    });
  }

  /** Takes a record of the reply topic. */
  reply(reply: CommandReply): void {
    for (const waiting of [...(this.#waiting.get(reply.idem) ?? [])]) this.#settle(reply.idem, waiting, reply);
  }

  #settle(idem: string, waiting: Waiting, outcome: Outcome): void {
    clearTimeout(waiting.timer);
    const all = this.#waiting.get(idem);
    all?.delete(waiting);
    if (all?.size === 0) this.#waiting.delete(idem);
    waiting.resolve(outcome);
  }
}
