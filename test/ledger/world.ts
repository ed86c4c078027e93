// Many small worlds of boxes sold and returned, laid into the code lane of a running ledger, and what must come of them.
import { decodeLane, type Finding, type LaneEvent, laneAlertRecord, type TopicNames } from '@yunjian/contracts';
import { ledgerRules } from '@yunjian/detectors';
import { groupOffsets, type KafkaSettings, readRange, watermarks } from '@yunjian/kafka';
import { LedgerPartition, MemoryHistory } from '@yunjian/service-ledger';
import fc from 'fast-check';
import { type Arrived, arriving, item } from '../oracle/trace-world.ts';

/** Raw records of `count` worlds that share no box and no shop; each sends a few documents twice. */
export function worlds(count: number, seed: number): Arrived {
  const happened = fc.sample(fc.array(item, { minLength: 5, maxLength: 20 }), { numRuns: count, seed });
  return happened.flatMap((items, world) => {
    const own = String(world).padStart(4, '0');
    return arriving(items, 2).map((record) => ({
      ...record,
      offset: world * 1_000 + record.offset,
      value: Buffer.from(
        record.value
          .toString()
          .replaceAll('8123456789012345678', `812345${own}12345678${'0'}`)
          .replaceAll('P3211000000', `P321${own}000`)
          .replaceAll('"event_id":"', `"event_id":"${own}-`)
          .replaceAll('010100863', `01010${own}`),
      ),
    }));
  });
}

export async function readAll(settings: KafkaSettings, topic: string, partition: number) {
  const records: { offset: number; value: Buffer }[] = [];
  const mark = (await watermarks(settings, topic)).find((each) => each.partition === partition);
  await readRange(settings, topic, partition, mark?.low ?? 0, mark?.high ?? 0, ({ value, offset }) =>
    records.push({ offset, value: Buffer.from(value as Buffer) }),
  );
  return records;
}

/** Every record of the lane is judged and committed. */
export async function drained(settings: KafkaSettings, names: TopicNames): Promise<boolean> {
  const topic = names.lane('code');
  const [marks, offsets] = [
    await watermarks(settings, topic),
    await groupOffsets(settings, names.group('ledger.code'), topic),
  ];
  return marks.every(({ partition, high }) => (offsets[partition] ?? 0) === high);
}

/** Findings as their readers take them: of each partition only what is above the last taken. */
export async function taken(settings: KafkaSettings, names: TopicNames): Promise<Finding[]> {
  const last = new Map<number, [offset: number, index: number]>();
  const found: Finding[] = [];
  for (const { value } of await readAll(settings, names.laneAlert, 0)) {
    const record = laneAlertRecord.parse(JSON.parse(value.toString()));
    if (record.type !== 'finding') continue;
    const { partition, offset, index } = record.cause;
    const [above, above2] = last.get(partition) ?? [-1, -1];
    if (offset < above || (offset === above && index <= above2)) continue;
    last.set(partition, [offset, index]);
    found.push(record);
  }
  return found;
}

/** What an undisturbed ledger would have found in a partition of the lane as it stands, judged record by record. */
export async function undisturbed(settings: KafkaSettings, names: TopicNames, partition: number): Promise<Finding[]> {
  const history = new MemoryHistory();
  const ledger = new LedgerPartition({
    lane: 'code',
    partition,
    history,
    rules: ledgerRules.filter(({ id }) => id === 'trace-repeated'),
  });
  const found: Finding[] = [];
  for (const { offset, value } of await readAll(settings, names.lane('code'), partition)) {
    const event = decodeLane(value) as LaneEvent;
    found.push(...(await ledger.process([{ position: offset, event, value }])).findings);
  }
  return found;
}
