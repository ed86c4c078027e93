// Where in the log something stands of which an alert was lost or made up: raw topics, lanes, findings, alerts.
import { FEEDS, LANES } from '@yunjian/contracts';
import { readAll } from '../chain/outcome.ts';
import type { Town } from './town.ts';

const MOST = 20;

/** One line for each record that holds `text`, in the order in which a document goes through the topics. Codes and document ids are the same in all of them. */
export async function trailOf({ kafka, names }: Town, text: string): Promise<string[]> {
  const topics = [...FEEDS.map(names.raw), ...LANES.map(names.lane), names.laneAlert, names.alertLog, names.rejected];
  const found: string[] = [];
  for (const topic of topics)
    await readAll(kafka, topic, (value, { partition, offset, timestamp }) => {
      if (value?.includes(text))
        found.push(`${topic}/${partition}@${offset} ${new Date(timestamp).toISOString()} ${causeOf(value)}`.trimEnd());
    });
  return found.length <= MOST ? found : [...found.slice(0, MOST), `… ${found.length - MOST} more`];
}

/** What a finding says of where it comes from. */
const causeOf = (value: Buffer) => /"cause":\{[^}]*\}/.exec(value.toString())?.[0] ?? '';
