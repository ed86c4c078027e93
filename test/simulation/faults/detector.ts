// A detector process of a simulated world: the real lane host and checkpoints; what services/detector/src/host.ts does on Kafka.
import { type Feed, isoShanghai } from '@yunjian/contracts';
import { type Conflict, type Effects, InstitutionLane } from '@yunjian/detection';
import { CheckpointBroken, type CheckpointLog, LanePartition } from '@yunjian/processor';
import { checkpointLog } from './checkpoints.ts';
import type { Group, Tenure } from './group.ts';
import type { Process } from './kernel.ts';
import { NAMES } from './names.ts';
import { Connection } from './network.ts';
import type { World } from './world.ts';

const LANE = NAMES.lane('institution');

/** A partition as restored by one process. */
interface Run {
  core: InstitutionLane;
  partition: LanePartition;
}

export class DetectorHost {
  readonly process: Process;
  readonly #world: World;
  readonly #group: Group;
  readonly #connection: Connection;
  /** Kept from one generation to the next. */
  readonly #runs = new Map<number, Run>();
  readonly #tenures = new Map<number, Tenure>();
  #opened = 0;

  constructor(world: World, process: Process, group: Group) {
    this.#world = world;
    this.process = process;
    this.#group = group;
    this.#connection = new Connection(world, process);
    void this.#saveAll();
  }

  async serve(tenure: Tenure): Promise<void> {
    const { partition } = tenure;
    this.#tenures.set(partition, tenure);
    await this.#takeUp(partition);
    while (!tenure.revoked) {
      const run = this.#runs.get(partition);
      try {
        if (run === undefined) await this.#open(partition);
        else await this.#process(tenure, run);
      } catch (error) {
        if (error instanceof CheckpointBroken) return this.#world.broke(`a detector stopped: ${error.message}`);
        if (this.#runs.get(partition) === run) this.#runs.delete(partition);
        await this.process.sleep(200);
      }
    }
    if (this.#tenures.get(partition) === tenure) this.#tenures.delete(partition);
  }

  /** What belongs to another now is closed, which can only fail at its pointer. */
  lost(partition: number): void {
    const run = this.#runs.get(partition);
    this.#runs.delete(partition);
    void run?.partition.close().catch(() => {});
  }

  /** The last checkpoints of an orderly stop, while it is still a member. */
  async close(): Promise<void> {
    await Promise.all([...this.#runs.values()].map(({ partition }) => partition.close().catch(() => {})));
  }

  /** A run of before goes on if nobody has moved the pointer meanwhile. */
  async #takeUp(partition: number): Promise<void> {
    const run = this.#runs.get(partition);
    if (run === undefined) return;
    const pointer = await this.#log(partition)
      .pointer()
      .catch(() => Number.NaN);
    if (pointer !== run.partition.pointer && this.#runs.get(partition) === run) this.#runs.delete(partition);
  }

  async #process(tenure: Tenure, { core, partition }: Run): Promise<void> {
    const { records } = await this.#connection.fetch(
      LANE,
      tenure.partition,
      partition.next,
      this.#world.settings.batch,
      30_000,
    );
    if (records.length === 0 || tenure.revoked || this.#runs.get(tenure.partition)?.partition !== partition) return;
    await partition.process(records);
    this.#world.processed(tenure.partition, partition.next, core);
  }

  async #open(partition: number): Promise<void> {
    const log = this.#log(partition);
    for (;;) {
      const core = new InstitutionLane({ partition, detectors: this.#world.detectors });
      const run = new LanePartition({
        where: `${LANE}/${partition}`,
        owner: `${this.process.name}/${this.#opened++}`,
        core,
        log,
        sink: (effects) => this.#tell(effects),
        laneLow: 0,
      });
      const before = await log.pointer();
      try {
        const { entries } = await run.open();
        if (entries > 0) this.#world.injector.note('restored from a checkpoint');
        this.#runs.set(partition, { core, partition: run });
        return;
      } catch (error) {
        if (!(error instanceof CheckpointBroken) || (await log.pointer()) === before) throw error;
      }
    }
  }

  async #saveAll(): Promise<void> {
    for (;;) {
      await this.process.sleep(this.#world.settings.checkpointMs);
      await Promise.all(
        [...this.#runs].map(async ([partition, run]) => {
          const before = run.partition.pointer;
          try {
            await run.partition.checkpoint();
            if (run.partition.pointer !== before) this.#world.injector.note('checkpoint');
          } catch {
            this.#world.injector.note('checkpoint failed');
            if (this.#runs.get(partition) === run) this.#runs.delete(partition);
          }
        }),
      );
    }
  }

  #log(partition: number): CheckpointLog {
    const log = checkpointLog(this.#world, this.#connection, {
      topic: NAMES.checkpoint('institution'),
      partition,
      group: this.#group,
      tenure: () => this.#tenures.get(partition),
    });
    return this.#world.settings.ports?.checkpointLog?.(log) ?? log;
  }

  /** As services/detector/src/effects.ts: a conflict is told with its raw record, which may fail to be read. */
  async #tell({ findings, conflicts, poison }: Effects): Promise<void> {
    for (const { stack } of poison) this.#world.broke(`a detector threw: ${stack}`);
    const refused = await Promise.all(conflicts.map((conflict) => this.#refused(conflict)));
    await Promise.all([
      this.#send('finding', NAMES.laneAlert, findings),
      this.#send('refusal', NAMES.rejected, refused),
    ]);
  }

  async #refused({ refused: { origin, arrival } }: Conflict) {
    const topic = NAMES.raw(origin.feed as Feed);
    const [raw] = await this.#connection.ask(() =>
      this.#world.broker.read(topic, origin.partition, origin.offset, origin.offset + 1),
    );
    this.#world.injector.note('conflict told');
    return {
      origin: { topic, partition: origin.partition, offset: origin.offset },
      reason: 'conflict',
      issues: [],
      bytes: raw?.value?.toString('base64') ?? '',
      arrived_at: isoShanghai(arrival),
    };
  }

  async #send(what: string, topic: string, records: readonly unknown[]): Promise<void> {
    if (records.length === 0) return;
    const values = records.map((record) => ({ value: Buffer.from(JSON.stringify(record)) }));
    if (this.#world.settings.ports?.tellsOnce === true)
      this.#connection.appendOnce(what, topic, 0, values).catch(() => {});
    else await this.#connection.append(what, topic, 0, values);
  }
}
