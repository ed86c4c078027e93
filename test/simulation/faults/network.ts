// A process's connection to the broker: requests that take their time, get lost, arrive late or twice, and outlive who sent them.
import type { LogRecord } from '@yunjian/kafka';
import { type Random, random } from '../../../services/alerting/src/testing/scheduler.ts';
import type { Broker, Written } from './broker.ts';
import type { Injector } from './injector.ts';
import type { Kernel, Process } from './kernel.ts';

/** Nobody knows whether it was written. */
export class Unanswered extends Error {
  override name = 'Unanswered';
}

export interface Surroundings {
  seed: number;
  kernel: Kernel;
  broker: Broker;
  injector: Injector;
  crash(process: Process): void;
  stop(process: Process): void;
  rebalance(process: Process): void;
}

interface Portion {
  records: readonly Written[];
  what: string;
  resolve: (at: number) => void;
}

/** A fetch that waits takes with it what comes shortly after the first record. */
const LINGER = 40;
const NEVER = new Promise<never>(() => {});

export class Connection {
  readonly process: Process;
  readonly #around: Surroundings;
  readonly #crashable: boolean;
  /** Its own, so that what happens to one process does not change what is drawn for another. */
  readonly #random: Random;
  /** Sends under way or waiting, by partition: one at a time. */
  readonly #queues = new Map<string, Portion[]>();

  constructor(around: Surroundings, process: Process, crashable = true) {
    this.#around = around;
    this.process = process;
    this.#crashable = crashable;
    let mixed = around.seed;
    for (const character of process.name) mixed = Math.imul(mixed ^ character.charCodeAt(0), 0x01000193);
    this.#random = random(mixed);
  }

  /** Something is done at the broker, or elsewhere behind a network; rejects as `Unanswered` when the outcome is unknown. */
  write<T>(what: string, act: () => T): Promise<T> {
    const { process } = this;
    if (!process.alive) return NEVER;
    const around = this.#around;
    const { kernel, broker, injector } = around;
    const fault = injector.ofWrite(what, this.#crashable, this.#random);
    const [way, back, patience] = [this.#ms(1, 25), this.#ms(1, 25), this.#ms(200, 2500)];
    return new Promise((resolve, reject) => {
      if (fault === 'crash before sending') return around.crash(process);
      if (fault === 'stopped while waiting') around.stop(process);
      if (fault === 'rebalance meanwhile') around.rebalance(process);
      const fails = (): void =>
        process.hears(kernel.now + patience, () => reject(new Unanswered(`${what}: no answer`)));
      kernel.after(way, () => {
        if (broker.away || fault === 'lost request') return fails();
        if (fault === 'late write') {
          kernel.after(patience * 16, () => quietly(act));
          return fails();
        }
        let answer: () => void;
        try {
          const result = act();
          answer = () => resolve(result);
        } catch (error) {
          answer = () => reject(error);
        }
        if (fault === 'sent twice') kernel.after(patience, () => quietly(act));
        if (fault === 'crash before the acknowledgement') return around.crash(process);
        if (fault === 'lost acknowledgement') return fails();
        process.hears(kernel.now + back, () => {
          answer();
          if (fault === 'crash after the acknowledgement') kernel.after(0, () => around.crash(process));
        });
      });
    });
  }

  /** Reads at the broker; rejects while it is away. */
  ask<T>(act: () => T): Promise<T> {
    const { process } = this;
    if (!process.alive) return NEVER;
    const { kernel, broker } = this.#around;
    const [way, back] = [this.#ms(1, 25), this.#ms(1, 15)];
    return new Promise((resolve, reject) => {
      kernel.quietlyAfter(way, () => {
        if (broker.away)
          return process.hears(kernel.now + back * 100, () => reject(new Unanswered('the broker is away')));
        const result = act();
        process.hears(kernel.now + back, () => resolve(result));
      });
    });
  }

  /** Appends, and again until it is acknowledged, in order; resolves to the offset of the first record. */
  append(what: string, topic: string, partition: number, records: readonly Written[]): Promise<number> {
    return new Promise((resolve) => {
      const key = `${topic}/${partition}`;
      const waiting = this.#queues.get(key);
      const portion = { records, what, resolve };
      if (waiting !== undefined) return void waiting.push(portion);
      this.#queues.set(key, [portion]);
      void this.#drain(key, topic, partition);
    });
  }

  /** One attempt. */
  appendOnce(what: string, topic: string, partition: number, records: readonly Written[]): Promise<number> {
    return this.write(what, () => this.#around.broker.append(topic, partition, records));
  }

  async #drain(key: string, topic: string, partition: number): Promise<void> {
    const queue = this.#queues.get(key) as Portion[];
    while (queue.length > 0) {
      const { records, what, resolve } = queue[0] as Portion;
      try {
        resolve(await this.appendOnce(what, topic, partition, records));
        queue.shift();
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        await this.process.sleep(this.#ms(50, 500));
      }
    }
    this.#queues.delete(key);
  }

  /** The next records, at most so many; none after `waitMs` without any, nor while the broker is away. */
  fetch(topic: string, partition: number, from: number, most: number, waitMs: number) {
    const { process } = this;
    if (!process.alive) return NEVER;
    const { kernel, broker } = this.#around;
    const [way, back] = [this.#ms(1, 15), this.#ms(1, 25)];
    const limit = 1 + Math.floor(this.#random() * most);
    return new Promise<{ records: LogRecord[]; highWatermark: number }>((resolve) => {
      let answered = false;
      const answer = (): void => {
        if (answered) return;
        answered = true;
        const records = broker.read(topic, partition, from, from + limit);
        const highWatermark = broker.bounds(topic, partition).next;
        process.hears(kernel.now + back, () => resolve({ records, highWatermark }));
      };
      kernel.quietlyAfter(way, () => {
        if (broker.away) {
          answered = true;
          return process.hears(kernel.now + 1000, () => resolve({ records: [], highWatermark: from }));
        }
        if (broker.bounds(topic, partition).next > from) return answer();
        broker.onAppend(topic, partition, () => kernel.quietlyAfter(back * LINGER, answer));
        kernel.quietlyAfter(waitMs, answer);
      });
    });
  }

  #ms(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }
}

/** What lands without its sender: a refusal reaches nobody. */
function quietly(act: () => unknown): void {
  try {
    act();
  } catch {}
}
