// A gateway serves nobody from a picture that the log never had: the archive goes on while it is read.
import { type AlertRecord, isoShanghai } from '@yunjian/contracts';
import { createProducer, type LogProducer } from '@yunjian/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entryFromLog } from '../../services/wall/src/alerts/entry.ts';
import { type AlertLogFeed, followAlertLog } from '../../services/wall/src/feed/alert-log.ts';
import type { ServerMessage } from '../../services/wall/src/protocol/messages.ts';
import { World } from '../../services/wall/src/world.ts';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { cityAlerts } from './city.ts';

let space: Namespace;
let producer: LogProducer;
const feeds: AlertLogFeed[] = [];
/** So many that reading what was written meanwhile takes several batches, longer than between two looks at how far it is. */
const alerts = cityAlerts(5_000, Date.now());
const LAST = alerts.length - 1;

const write = (...records: AlertRecord[]) =>
  producer.send(
    space.topics.alertLog,
    records.map((record) => ({ key: record.alert_id, value: JSON.stringify(record), partition: 0 })),
  );
const entryOf = (position: number) => entryFromLog(position, JSON.stringify(alerts[position])).entry;

beforeAll(async () => {
  space = await namespace({ only: ({ name }) => name.endsWith('alert.log') });
  producer = await createProducer({ brokers: kafkaBrokers(), clientId: `${space.name}.test` });
  await write(...alerts.slice(0, 3));
});
afterAll(async () => {
  await Promise.all(feeds.map((feed) => feed.close()));
  await producer.close();
});

/** @param load what happens while the archive is read, and the positions of the alerts that it then knows */
async function followed(load: () => Promise<number[]>) {
  const said: string[] = [];
  const say = (_: object, message: string) => void said.push(message);
  const world = new World({
    now: Date.now,
    maxBufferedBytes: 1e6,
    archive: async () => [],
    onBadRecord: (error) => {
      throw error;
    },
  });
  const frames: ServerMessage[] = [];
  world.hub.shut();
  const watcher = { send: (frame: Buffer) => void frames.push(JSON.parse(String(frame))), buffered: () => 0 };
  world.hub.subscribe({ ...watcher, cutAsSlow: () => {} }, 'm', { key: '', matches: () => true });
  let framesBefore = 0;
  feeds.push(
    await followAlertLog({
      settings: { brokers: kafkaBrokers(), clientId: `${space.name}.wall` },
      topic: space.topics.alertLog,
      world,
      archive: {
        load: async () => {
          const known = await load();
          return { from: 2, alerts: known.map(entryOf) };
        },
        steps: async () => [],
        names: async () => ({}),
      },
      logger: { info: say, error: say },
      onRead: () => {
        framesBefore = Math.max(framesBefore, world.store.position < alerts.length ? frames.length : 0);
      },
      onFatal: (error) => {
        throw error;
      },
    }),
  );
  return { world, said, frames, framesBefore };
}

test('what the archive knows of what lies behind its offset is no picture until the log has been read past it', async () => {
  const { world, frames, framesBefore } = await followed(async () => {
    await write(...alerts.slice(3));
    return [0, 1, LAST];
  });
  expect(framesBefore).toBe(0);
  expect(world.store.position).toBe(alerts.length);
  expect(frames.slice(0, 2).map(({ t }) => t)).toEqual(['reset', 'snap']);
  expect(world.store.size).toBe(alerts.length);
  expect(frames[1]).toMatchObject({ to: String(alerts.length), part: 0 });
});

test('an archive that knows more than the log holds is not believed', async () => {
  const beyond = { ...alerts[0]!, alert_id: 'nowhere', updated_at: isoShanghai(Date.now()) };
  alerts.push(beyond as AlertRecord);
  const { world, said } = await followed(async () => [0, 1, LAST + 1]);
  expect(said).toContain('the archive knows more than the alert log holds, reading the log alone');
  expect(world.store.size).toBe(LAST + 1);
});
