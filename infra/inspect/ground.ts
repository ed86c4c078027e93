// Where the system under inspection is reached, made sure of before anything is asked: what does not answer is said in one sentence.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TopicNames, topicNames } from '@yunjian/contracts';
import { type KafkaSettings, topicExists, watermarks } from '@yunjian/kafka';
import { brokerAnswers } from '../local/broker.ts';
import { clickhouseAnswers } from '../local/clickhouse.ts';
import { Refusal } from '../local/refusal.ts';
import type { StackDescription } from '../local/stack-file.ts';
import type { InspectOptions } from './options.ts';

export interface Ground {
  settings: KafkaSettings;
  names: TopicNames;
  namespace: string;
  /** null when none is known or it does not answer: what can be told without it is told. */
  clickhouse: string | null;
}

/** @throws Refusal when no broker is known or none answers. */
export async function findGround(options: InspectOptions): Promise<Ground> {
  const stack = readStack(options.data);
  const kafka = options.kafka ?? stack?.kafka;
  if (kafka === undefined)
    throw new Refusal(
      `No stack runs here (${join(options.data, 'stack.json')} is not there): start one, or name a broker with --kafka HOST:PORT and a namespace with --namespace NAME.`,
    );
  const brokers = kafka.split(',');
  const wrong = brokers.find((address) => !/^.+:\d{1,5}$/.test(address));
  if (wrong !== undefined)
    throw new Refusal(`--kafka names ${wrong}: expected HOST:PORT, several separated by commas.`);
  const answers = await Promise.all(brokers.map(brokerAnswers));
  if (!answers.includes(true)) throw new Refusal(`No broker answers at ${kafka}: is it up, and is the address right?`);
  const url = options.clickhouse ?? stack?.clickhouse ?? null;
  const namespace = options.namespace ?? stack?.namespace ?? 'yj';
  return {
    settings: { brokers, clientId: `inspect.${process.pid}` },
    names: topicNames(namespace),
    namespace,
    clickhouse: url !== null && (await clickhouseAnswers(url)) ? url : null,
  };
}

/** First and next offset of a topic's partitions. @throws Refusal when there is no such topic. */
export async function partitionsOf(ground: Ground, topic: string): Promise<{ low: number; next: number }[]> {
  const { settings, namespace } = ground;
  if (!(await topicExists(settings, topic)))
    throw new Refusal(
      `There is no topic ${topic} at ${settings.brokers.join(',')}: is ${namespace} the right namespace?`,
    );
  return (await watermarks(settings, topic)).map(({ low, high }) => ({ low, next: high }));
}

/** @throws Refusal when the topic has no such partition. */
export function partitionOf<T>(partitions: readonly T[], partition: number, topic: string): T {
  const found = partitions[partition];
  if (found === undefined)
    throw new Refusal(`${topic} has partitions 0 to ${partitions.length - 1}; ${partition} is not one of them.`);
  return found;
}

function readStack(data: string): StackDescription | null {
  const file = join(data, 'stack.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StackDescription) : null;
}
