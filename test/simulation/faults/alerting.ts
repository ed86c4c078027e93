// An alerting process of a simulated world: the real decider; what services/alerting/src/host.ts does on Kafka.
import { CheckpointBroken } from '@yunjian/processor';
import { Decider } from '../../../services/alerting/src/decider.ts';
import type { AlertLog } from '../../../services/alerting/src/ports.ts';
import { checkpointLog } from './checkpoints.ts';
import type { Group, Tenure } from './group.ts';
import type { Process } from './kernel.ts';
import { NAMES } from './names.ts';
import { Connection } from './network.ts';
import type { World } from './world.ts';

const LANE = NAMES.laneAlert;
const HEADER = 'yj-lane';

export class AlertingHost {
  readonly process: Process;
  readonly #world: World;
  readonly #group: Group;
  readonly #connection: Connection;
  #opened = 0;

  constructor(world: World, process: Process, group: Group) {
    this.#world = world;
    this.process = process;
    this.#group = group;
    this.#connection = new Connection(world, process);
  }

  async serve(tenure: Tenure): Promise<void> {
    let fenced = true;
    let decider: Decider | null = null;
    let saved = this.#world.kernel.now;
    while (!tenure.revoked) {
      try {
        if (decider === null) {
          const opened: Decider = await this.#open(tenure);
          if (!fenced) await opened.fence();
          if (opened.contradictions > 0) this.#world.broke('the alert log holds two records of one version');
          decider = opened;
        }
        const { kernel, settings } = this.#world;
        const standing: Decider = decider;
        if (kernel.now - saved > settings.checkpointMs && standing.unsaved > 0) {
          saved = kernel.now;
          standing.checkpoint().catch(() => {
            if (decider === standing) decider = null;
          });
        }
        const { records } = await this.#connection.fetch(
          LANE,
          0,
          standing.next,
          kernel.between(1, settings.batch),
          20_000,
        );
        if (records.length === 0 || tenure.revoked || decider !== standing) continue;
        const { finding } = settings.ports ?? {};
        const read =
          finding === undefined
            ? records
            : records.map((record) => ({ ...record, value: finding(record.value as Buffer, record.offset) }));
        await standing.process(read);
        this.#world.decided = Math.max(this.#world.decided, standing.next);
      } catch (error) {
        if (error instanceof CheckpointBroken) return this.#world.broke(`alerting stopped: ${error.message}`);
        this.#world.injector.note('alerting restored');
        decider = null;
        fenced = false;
        await this.process.sleep(200);
      }
    }
  }

  #open(tenure: Tenure): Promise<Decider> {
    const checkpoints = checkpointLog(this.#world, this.#connection, {
      topic: NAMES.checkpoint('alert'),
      partition: 0,
      group: this.#group,
      tenure: () => (tenure.revoked ? undefined : tenure),
    });
    return Decider.open({
      owner: `${this.process.name}/${this.#opened++}`,
      lane: LANE,
      laneLow: 0,
      log: this.#log(),
      outlets: { reply: async () => {}, refuse: async () => this.#world.broke('alerting refused a finding') },
      checkpoints,
      collectAt: 5,
    });
  }

  #log(): AlertLog {
    const { broker } = this.#world;
    const topic = NAMES.alertLog;
    return {
      end: () => this.#connection.ask(() => broker.bounds(topic, 0).next),
      read: (from, to) =>
        this.#connection.ask(() =>
          broker
            .read(topic, 0, from, to)
            .map(({ value, headers }) => ({ value: value as Buffer, lane: Number(headers[HEADER]) })),
        ),
      append: (versions) =>
        this.#connection.appendOnce(
          'alert',
          topic,
          0,
          versions.map(({ key, value, lane }) => ({
            key,
            value: Buffer.from(value),
            headers: { [HEADER]: Buffer.from(String(lane)) },
          })),
        ),
    };
  }
}
