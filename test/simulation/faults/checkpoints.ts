// A partition's checkpoint log on the simulated broker; its pointer is the group's offset of the checkpoint topic.
import { type CheckpointLog, Fenced } from '@yunjian/processor';
import type { Group, Tenure } from './group.ts';
import type { Connection } from './network.ts';
import type { World } from './world.ts';

export interface CheckpointPlace {
  topic: string;
  partition: number;
  group: Group;
  /** This process's ownership, as far as it knows. */
  tenure(): Tenure | undefined;
}

export function checkpointLog({ broker }: World, connection: Connection, place: CheckpointPlace): CheckpointLog {
  const { topic, partition, group } = place;
  return {
    append: (values) =>
      connection.append(
        'checkpoint record',
        topic,
        partition,
        values.map((value) => ({ value })),
      ),
    read: (from, to) =>
      connection.ask(() =>
        broker
          .read(topic, partition, from, to)
          .map(({ offset, value }) => ({ offset, value: Buffer.from(value as Buffer) })),
      ),
    bounds: () => connection.ask(() => broker.bounds(topic, partition)),
    pointer: () => connection.ask(() => broker.committed(group.name, topic, partition)),
    commitPointer: async (offset) => {
      const tenure = place.tenure();
      if (tenure === undefined) throw new Fenced('the partition has been assigned to another member');
      await connection.write('pointer', () => group.commit(tenure, topic, partition, offset));
    },
    trim: (before) => connection.write('trim', () => broker.trim(topic, partition, before)),
  };
}
