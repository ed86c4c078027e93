// The router of a simulated world: real routing, real reading in step, real marks; what services/ingest/src/router.ts does on Kafka.
import { encodeLane, FEEDS, type Feed, type MarkEntry } from '@yunjian/contracts';
import type { LogRecord } from '@yunjian/kafka';
import { refusedRecord } from '../../../services/ingest/src/outputs.ts';
import { isTick, positionAfter, TICK } from '../../../services/ingest/src/positions.ts';
import { type RouteOptions, routeSafely } from '../../../services/ingest/src/route.ts';
import { createSteps } from '../../../services/ingest/src/steps.ts';
import type { Written } from './broker.ts';
import type { Group, Tenure } from './group.ts';
import type { Process } from './kernel.ts';
import { LANES_READ, NAMES } from './names.ts';
import { Connection } from './network.ts';
import type { World } from './world.ts';

export interface RawPartition {
  feed: Feed;
  partition: number;
}

/** Raw partitions by their number in the router's group. */
export function rawPartitions(perFeed: Record<Feed, number>): RawPartition[] {
  return FEEDS.flatMap((feed) => Array.from({ length: perFeed[feed] }, (_, partition) => ({ feed, partition })));
}

export class RouterHost {
  readonly process: Process;
  readonly #world: World;
  readonly #group: Group;
  readonly #connection: Connection;
  readonly #options: RouteOptions;
  readonly #positions = new Map<string, MarkEntry>();
  readonly #committed = new Map<string, number>();
  readonly #steps = createSteps(false);
  readonly #waiting = new Set<string>();
  readonly #ticking = new Set<string>();

  constructor(world: World, process: Process, group: Group) {
    this.#world = world;
    this.process = process;
    this.#group = group;
    this.#connection = new Connection(world, process);
    this.#options = {
      pseudonymiser: world.pseudonymiser,
      lanePartitions: world.settings.lanePartitions,
      replay: false,
    };
    void this.#every(world.settings.tickMs, () => this.#tick());
    void this.#every(world.settings.markMs, () => this.#mark());
    void this.#every(12_000, () => this.#commit());
  }

  async serve(tenure: Tenure): Promise<void> {
    const { feed, partition } = this.#world.raw[tenure.partition] as RawPartition;
    const topic = NAMES.raw(feed);
    const key = `${topic}/${partition}`;
    const { broker } = this.#world;
    const begin = await this.#persist(tenure, () => {
      const stands = broker.committed(this.#group.name, topic, partition) ?? 0;
      const from = Math.max(stands, this.#positions.get(key)?.next ?? 0);
      this.#steps.expect(key, broker.bounds(topic, partition).next > from);
      return from;
    });
    if (begin === null) return;
    let next = begin;
    while (!tenure.revoked) {
      this.#release();
      if (this.#waiting.has(key)) {
        await this.process.sleep(3000);
        continue;
      }
      if (this.#world.held(feed)) {
        await this.process.sleep(6000);
        continue;
      }
      const { batch } = this.#world.settings;
      const { records, highWatermark } = await this.#connection.fetch(topic, partition, next, batch, 30_000);
      if (records.length > 0 && !tenure.revoked) next += await this.#handle(feed, key, records, highWatermark);
    }
    this.#waiting.delete(key);
  }

  lost(i: number): void {
    const { feed, partition } = this.#world.raw[i] as RawPartition;
    const key = `${NAMES.raw(feed)}/${partition}`;
    this.#positions.delete(key);
    this.#committed.delete(key);
    this.#steps.forget(key);
  }

  /** @returns how many records were delivered */
  async #handle(feed: Feed, key: string, records: readonly LogRecord[], highWatermark: number): Promise<number> {
    const allowed = this.#steps.within(key, records);
    if (allowed.length > 0) {
      await this.#deliver(feed, allowed);
      this.#positions.set(key, positionAfter(feed, allowed, this.#positions.get(key)));
    }
    const end = (records[records.length - 1] as LogRecord).offset + 1;
    this.#steps.read(key, records, allowed.length, end >= highWatermark);
    if (allowed.length < records.length) {
      this.#waiting.add(key);
      this.#world.injector.note('a raw partition waits in step');
    }
    return allowed.length;
  }

  #release(): void {
    for (const released of this.#steps.takeReleased()) this.#waiting.delete(released);
  }

  async #deliver(feed: Feed, records: readonly LogRecord[]): Promise<void> {
    const outgoing = new Map<string, { topic: string; partition: number; records: Written[] }>();
    const lay = (topic: string, partition: number, record: Written): void => {
      const known = outgoing.get(`${topic}/${partition}`);
      if (known !== undefined) known.records.push(record);
      else outgoing.set(`${topic}/${partition}`, { topic, partition, records: [record] });
    };
    for (const record of records) {
      if (isTick(record)) continue;
      const { topic, partition, offset, value, timestamp: arrival } = record;
      const routed = routeSafely({ feed, partition, offset, arrival, value }, this.#options);
      if (routed.ok) {
        for (const { lane, partition: to, key, value: bytes } of routed.outputs)
          if (LANES_READ.includes(lane)) lay(NAMES.lane(lane), to, { key, value: bytes });
      } else {
        if (routed.reason === 'poison') this.#world.broke(`routing threw: ${routed.issues[0]?.message}`);
        this.#world.injector.note(`refused: ${routed.reason}`);
        const refused = refusedRecord({ ...routed, origin: { topic, partition, offset }, bytes: value, arrival });
        lay(NAMES.rejected, 0, { value: Buffer.from(refused.value as string) });
      }
    }
    await Promise.all(
      [...outgoing.values()].map((each) =>
        this.#connection.append('lane record', each.topic, each.partition, each.records),
      ),
    );
  }

  #owned(): { at: RawPartition; entry: MarkEntry | undefined }[] {
    return this.#group.heldBy(this.process).map((i) => {
      const at = this.#world.raw[i] as RawPartition;
      return { at, entry: this.#positions.get(`${NAMES.raw(at.feed)}/${at.partition}`) };
    });
  }

  async #tick(): Promise<void> {
    if (this.#world.broker.away || !this.#world.ticking) return;
    for (const { at } of this.#owned()) {
      const [topic, key] = [NAMES.raw(at.feed), `${at.feed}/${at.partition}`];
      if (this.#ticking.has(key)) continue;
      this.#ticking.add(key);
      const tick = { value: Buffer.from(TICK.value), headers: { 'yj-kind': Buffer.from(TICK.headers['yj-kind']) } };
      void this.#connection.append('tick', topic, at.partition, [tick]).then(() => this.#ticking.delete(key));
    }
  }

  async #mark(): Promise<void> {
    const entries = this.#owned().flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
    if (entries.length === 0 || !this.#world.marking) return;
    const { broker, settings } = this.#world;
    if (settings.ports?.marksNow === true)
      for (const [i, entry] of entries.entries()) entries[i] = { ...entry, arrival: broker.clock };
    const value = encodeLane({ kind: 'mark', entries, partitions: settings.rawPartitions });
    await Promise.all(
      LANES_READ.flatMap((lane) =>
        Array.from({ length: this.#options.lanePartitions }, (_, partition) =>
          this.#connection.append('mark', NAMES.lane(lane), partition, [{ value }]),
        ),
      ),
    );
  }

  async #commit(): Promise<void> {
    const { generation } = this.#group;
    for (const { at, entry } of this.#owned()) {
      const topic = NAMES.raw(at.feed);
      const key = `${topic}/${at.partition}`;
      if (entry === undefined || this.#committed.get(key) === entry.next) continue;
      await this.#connection.write('router offset', () =>
        this.#group.commit({ generation }, topic, at.partition, entry.next),
      );
      this.#committed.set(key, entry.next);
    }
  }

  async #every(ms: number, act: () => Promise<void>): Promise<void> {
    for (;;) {
      await this.process.sleep(ms);
      await act().catch(() => {});
    }
  }

  /** Null: the partition was taken away before there was an answer. */
  async #persist<T>(tenure: Tenure, act: () => T): Promise<T | null> {
    while (!tenure.revoked) {
      try {
        return await this.#connection.ask(act);
      } catch {
        await this.process.sleep(500);
      }
    }
    return null;
  }
}
