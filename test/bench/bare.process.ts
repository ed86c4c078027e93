// Process: a consumer of the bare library that parses every value and does nothing else, the ceiling for what stands on it.
// Usage: bare.process.ts <brokers> <topic> <records>. Prints {records, seconds, cpuSeconds} of all but the first tenth.
import { Kafka, logLevel } from 'kafkajs';

const [brokers = '', topic = '', count = '0'] = process.argv.slice(2);
const total = Number(count);
const warmUp = total / 10;
const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'bare', logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({
  groupId: `bare-${process.pid}`,
  maxBytesPerPartition: 512 * 1024,
  maxWaitTimeInMs: 25,
  minBytes: 1,
});
let read = 0;
let from: { at: number; records: number; cpu: NodeJS.CpuUsage } | null = null;

await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
await consumer.run({
  autoCommit: false,
  partitionsConsumedConcurrently: 4,
  eachBatch: async ({ batch }) => {
    for (const { value } of batch.messages)
      if (value !== null && typeof JSON.parse(value.toString()) === 'object') read++;
    if (from === null && read >= warmUp) from = { at: performance.now(), records: read, cpu: process.cpuUsage() };
    if (read < total || from === null) return;
    const { user, system } = process.cpuUsage(from.cpu);
    const measured = {
      records: read - from.records,
      seconds: (performance.now() - from.at) / 1000,
      cpuSeconds: (user + system) / 1_000_000,
    };
    process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0));
  },
});
