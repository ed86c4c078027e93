// When findings were raised: the broker's stamps of lane.alert.
import { laneAlertRecord } from '@yunjian/contracts';
import { readRange, watermarks } from '@yunjian/kafka';
import type { BenchStack } from './stack.ts';

/** From now on. @returns reads what was raised since: the stamp, ms, of the first finding of each `detector|subject` */
export async function raisedFrom({ settings, names }: BenchStack): Promise<() => Promise<Map<string, number>>> {
  const end = async () => (await watermarks(settings, names.laneAlert))[0]?.high ?? 0;
  const from = await end();
  return async () => {
    const raised = new Map<string, number>();
    await readRange(settings, names.laneAlert, 0, from, await end(), ({ timestamp, value }) => {
      const record = laneAlertRecord.parse(JSON.parse(String(value)));
      if (record.type !== 'finding' || record.action !== 'raise') return;
      const key = `${record.detector}|${record.subject.ref}`;
      if (!raised.has(key)) raised.set(key, timestamp);
    });
    return raised;
  };
}
