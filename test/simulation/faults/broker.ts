// The broker of a simulated world: logs with the broker's own timestamps, group offsets, and a coordinator that fences.
import type { LogRecord } from '@yunjian/kafka';
import type { Kernel } from './kernel.ts';

export interface Written {
  key?: string | null;
  value: Buffer;
  headers?: Record<string, Buffer>;
}

class Log {
  low = 0;
  readonly records: LogRecord[] = [];
  waiting: (() => void)[] = [];

  get next(): number {
    return this.low + this.records.length;
  }
}

export class Broker {
  readonly #kernel: Kernel;
  readonly #logs = new Map<string, Log>();
  readonly #offsets = new Map<string, number>();
  /** How far the broker's clock is off, ms. */
  skew = 0;
  /** Whether its clock ever jumped. */
  jumped = false;
  awayUntil = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get away(): boolean {
    return this.awayUntil > this.#kernel.now;
  }

  jump(ms: number): void {
    this.skew += ms;
    this.jumped = true;
  }

  get clock(): number {
    return this.#kernel.now + this.skew;
  }

  /** @returns the offset of the first. */
  append(topic: string, partition: number, records: readonly Written[]): number {
    const log = this.#log(topic, partition);
    const at = log.next;
    for (const [i, { key, value, headers }] of records.entries())
      log.records.push({
        topic,
        partition,
        offset: at + i,
        timestamp: this.clock,
        key: key === undefined || key === null ? null : Buffer.from(key),
        value,
        headers: headers ?? {},
      });
    const { waiting } = log;
    log.waiting = [];
    for (const wake of waiting) wake();
    return at;
  }

  /** Records of [from, to). */
  read(topic: string, partition: number, from: number, to: number): LogRecord[] {
    const log = this.#log(topic, partition);
    return log.records.slice(Math.max(0, from - log.low), Math.max(0, to - log.low));
  }

  bounds(topic: string, partition: number): { low: number; next: number } {
    const { low, next } = this.#log(topic, partition);
    return { low, next };
  }

  trim(topic: string, partition: number, before: number): void {
    const log = this.#log(topic, partition);
    const gone = Math.max(0, before - log.low);
    log.records.splice(0, gone);
    log.low += gone;
  }

  /** Calls once something is appended. */
  onAppend(topic: string, partition: number, wake: () => void): void {
    this.#log(topic, partition).waiting.push(wake);
  }

  committed(group: string, topic: string, partition: number): number | null {
    return this.#offsets.get(`${group} ${topic}/${partition}`) ?? null;
  }

  commit(group: string, topic: string, partition: number, offset: number): void {
    this.#offsets.set(`${group} ${topic}/${partition}`, offset);
  }

  #log(topic: string, partition: number): Log {
    const key = `${topic}/${partition}`;
    let log = this.#logs.get(key);
    if (log === undefined) {
      log = new Log();
      this.#logs.set(key, log);
    }
    return log;
  }
}
