// What a chain test holds against each other: what was accepted, what stands in the alert log, and what the oracles say should.
import {
  type AlertRecord,
  createPseudonymiser,
  FEEDS,
  parseRawEvent,
  type TopicNames,
  toModel,
  type YunjianEvent,
} from '@yunjian/contracts';
import { type KafkaSettings, readRange, watermarks } from '@yunjian/kafka';
import type { Expected } from '../oracle/documents.ts';
import { identityOracle } from '../oracle/identity.ts';
import { quarterlyOracle } from '../oracle/quarterly.ts';
import { traceOracle } from '../oracle/trace.ts';

const JUDGED = new Set([
  'identity-check-missing',
  'verification-unavailable',
  'identity-mismatch',
  'quarterly-spend',
  'trace-repeated',
]);

interface Place {
  partition: number;
  offset: number;
  timestamp: number;
  tick: boolean;
}

/** Every record of a topic, partition by partition. */
export async function readAll(
  kafka: KafkaSettings,
  topic: string,
  take: (value: Buffer | null, at: Place) => void,
): Promise<void> {
  for (const { partition, low, high } of await watermarks(kafka, topic))
    await readRange(kafka, topic, partition, low, high, ({ value, offset, timestamp, headers }) =>
      take(value, { partition, offset, timestamp, tick: headers['yj-kind'] !== undefined }),
    );
}

/** Every valid event that stands in the raw topics, with the development key's pseudonyms. */
export async function acceptedEvents(kafka: KafkaSettings, names: TopicNames): Promise<YunjianEvent[]> {
  const pseudonymiser = createPseudonymiser('development-pseudonym-key');
  const events: YunjianEvent[] = [];
  for (const feed of FEEDS)
    await readAll(kafka, names.raw(feed), (value, { partition, offset, timestamp, tick }) => {
      if (tick) return;
      const parsed = parseRawEvent(value, { arrival: timestamp, replay: false, feed });
      if (parsed.ok)
        events.push(
          toModel(parsed.event, { arrival: timestamp, origin: { feed, partition, offset, index: 0 } }, pseudonymiser),
        );
    });
  return events;
}

export async function alertLog(kafka: KafkaSettings, names: TopicNames): Promise<AlertRecord[]> {
  const records: AlertRecord[] = [];
  await readAll(kafka, names.alertLog, (value) => void records.push(JSON.parse(String(value)) as AlertRecord));
  return records;
}

/** One line an alert: detector, subject, tier, level. */
const line = (detector: string, subject: string, tier: unknown, level: unknown) =>
  `${detector} ${subject} ${tier ?? '-'} L${level}`;

/** What the oracles make of all events, as lines in order. */
export function expectedOf(events: readonly YunjianEvent[]): string[] {
  const all: Expected[] = [...identityOracle(events), ...quarterlyOracle(events, Date.now()), ...traceOracle(events)];
  return all
    .map(({ detector, subject, tier, level, institution }) =>
      line(detector, detector === 'quarterly-spend' ? subject : `${institution}/${subject}`, tier, level),
    )
    .sort();
}

/** The newest version of each alert. */
export function newestOf(log: readonly AlertRecord[]): Map<string, AlertRecord> {
  const newest = new Map<string, AlertRecord>();
  for (const record of log)
    if ((newest.get(record.alert_id)?.version ?? 0) < record.version) newest.set(record.alert_id, record);
  return newest;
}

/** What stands by the alert log, of the detectors that an oracle judges, as lines in order. */
export function standing(log: readonly AlertRecord[]): string[] {
  return [...newestOf(log).values()]
    .filter(({ state, detector }) => state.raised && JUDGED.has(detector))
    .map(({ detector, subject, facts, level, fixmedins_code }) =>
      line(
        detector,
        detector === 'quarterly-spend' ? subject.ref : `${fixmedins_code}/${subject.ref}`,
        facts.tier,
        level,
      ),
    )
    .sort();
}

/** Versions left out, and versions of which the log holds two different records. An identical repeat is none: every reader drops it. */
export function contradictions(log: readonly AlertRecord[]): string[] {
  const versions = new Map<string, string[]>();
  const found: string[] = [];
  for (const record of log) {
    const known = versions.get(record.alert_id) ?? [];
    versions.set(record.alert_id, known);
    const text = JSON.stringify(record);
    const first = known[record.version - 1];
    if (first === undefined && record.version !== known.length + 1)
      found.push(`${record.alert_id}: version ${record.version} follows ${known.length}`);
    if (first === undefined) known[record.version - 1] = text;
    else if (first !== text) found.push(`${record.alert_id}: two different records of version ${record.version}`);
  }
  return found;
}
