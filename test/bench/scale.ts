// `bench -- scale`: what an event costs the identity detector with 4 and with 24 partitions, and with two processes that share them.
import { closeAdmin } from '@yunjian/kafka';
import { startBroker } from '../support/broker.ts';
import { fillLane, IDENTITY, laneRecords, runDetector } from './core.ts';
import { rounded } from './figures.ts';
import type { Bench, Results } from './main.ts';

const CASES = [
  { name: '4_partitions', partitions: 4, processes: 1 },
  { name: '24_partitions', partitions: 24, processes: 1 },
  { name: '24_partitions_2_processes', partitions: 24, processes: 2 },
];

export async function benchScale({ directory, say, options }: Bench): Promise<Results> {
  const broker = await startBroker(directory);
  const settings = { brokers: [broker.address], clientId: 'bench' };
  const results: Results = {};
  try {
    for (const { name, partitions, processes } of CASES) {
      const namespace = `scale${partitions}x${processes}`;
      await fillLane(settings, namespace, options.events, partitions);
      const records = await laneRecords(broker.address, namespace);
      const measured = await runDetector(broker.address, namespace, { YJ_DETECTORS: IDENTITY }, directory, processes);
      // Marks are written to each partition: of an event, not of a record.
      const events = (measured.records * options.events) / records;
      const cost = rounded((measured.cpuSeconds / events) * 1e6);
      say(
        `  ${name.padEnd(28)} ${cost} CPU seconds a million events, ${Math.round(events / measured.seconds)} events/s`,
      );
      results[`detector_${name}_cpu_seconds_per_million`] = cost;
    }
    return results;
  } finally {
    await closeAdmin(settings).catch(() => {});
    await broker.stop();
  }
}
