// Process: a member of a group that keeps its batch until the partition is lost, then tries to move the pointer.
// Usage: node zombie.process.ts <broker> <group> <lane> <checkpoint topic>; says on standard output what happens to it.
import { runGroup } from '@yunjian/kafka';

const [broker, groupId, lane, checkpoints] = process.argv.slice(2) as [string, string, string, string];
const member = await runGroup(
  { brokers: [broker], clientId: 'zombie' },
  {
    groupId,
    topics: [lane],
    strict: true,
    sessionTimeoutMs: 6_000,
    onAssigned: async () => ({ seek: 0 }),
    onBatch: async (_, { owned }) => {
      console.log('holding');
      await member.commit(checkpoints, 0, 1);
      while (owned()) await new Promise((resolve) => setTimeout(resolve, 50));
      console.log('lost');
      await member.commit(checkpoints, 0, 2).then(
        () => console.log('committed'),
        (error: Error) => console.log(`refused ${error.name}`),
      );
      process.exit(0);
    },
  },
);
