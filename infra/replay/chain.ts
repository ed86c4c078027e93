// The services of a replay: the same processes as live, in a namespace of their own, on a broker and a ClickHouse that run already.

import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { FEEDS, LANES, type Lane, type TopicNames } from '@yunjian/contracts';
import { groupOffsets, type KafkaSettings, watermarks } from '@yunjian/kafka';
import { end, launch } from '../local/launch.ts';
import { freePorts } from '../local/ports.ts';
import { entryOf } from '../local/services.ts';
import { until } from '../local/until.ts';

const SERVICES = ['ingest', 'detector', 'ledger', 'alerting', 'archiver'] as const;
const READY_LIMIT_MS = 60_000;
const GRACE_MS = 11_000;

export interface Chain {
  /** Resolves when everything that was in the raw topics has come out at the end, the archive included. */
  drained(limitMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface ChainOptions {
  kafka: KafkaSettings;
  names: TopicNames;
  /** On top of this process's environment. */
  env: Record<string, string>;
  logs: string;
}

export async function startChain(options: ChainOptions): Promise<Chain> {
  const ports = await freePorts(SERVICES.length);
  const children: ChildProcess[] = SERVICES.map((service, i) =>
    launch(
      { file: process.execPath, args: [entryOf(service)], env: { ...options.env, YJ_PORT: String(ports[i]) } },
      join(options.logs, `${service}.log`),
    ),
  );
  const stop = async () => {
    await Promise.all(children.map((child) => end(child, GRACE_MS)));
  };
  const ended = () => SERVICES.filter((_, i) => children[i]?.exitCode !== null);
  const url = (service: (typeof SERVICES)[number]) => `http://127.0.0.1:${ports[SERVICES.indexOf(service)]}`;
  try {
    for (const service of SERVICES)
      await until(
        async () => {
          if (ended().length > 0) throw new Error(`${ended().join(', ')} ended at the start: see ${options.logs}`);
          return (await fetch(`${url(service)}/readyz`).catch(() => null))?.ok === true;
        },
        READY_LIMIT_MS,
        () => `${service} is not ready after ${READY_LIMIT_MS / 1000} s: see ${options.logs}`,
      );
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop, drained: (limitMs) => drained(options, url, limitMs) };
}

async function drained(
  { kafka, names }: ChainOptions,
  url: (service: (typeof SERVICES)[number]) => string,
  limitMs: number,
): Promise<void> {
  const late = (what: string) => () => `${what} has not caught up after ${limitMs / 1000} s`;
  const reaches = (group: string, topic: string, target: readonly number[]) =>
    until(async () => atLeast(await groupOffsets(kafka, names.group(group), topic), target), limitMs, late(group));
  for (const feed of FEEDS) await reaches('ingest', names.raw(feed), await ends(kafka, names.raw(feed)));
  const lanes = new Map<Lane, number[]>();
  for (const lane of LANES)
    lanes.set(
      lane,
      (await ends(kafka, names.lane(lane))).map((next) => next + 1),
    );
  for (const lane of ['code', 'person'] as const)
    await reaches(`ledger.${lane}`, names.lane(lane), lanes.get(lane) as number[]);
  await until(
    async () => positionsReach(await detail(url('detector')), lanes.get('institution') as number[]),
    limitMs,
    late('detector'),
  );
  const [lastFinding] = await ends(kafka, names.laneAlert);
  await until(async () => ((await detail(url('alerting'))).next ?? 0) >= (lastFinding ?? 0), limitMs, late('alerting'));
  for (const topic of [names.lane('institution'), names.alertLog, names.rejected])
    await reaches('archiver', topic, await ends(kafka, topic));
}

async function ends(kafka: KafkaSettings, topic: string): Promise<number[]> {
  return (await watermarks(kafka, topic)).map(({ high }) => high);
}

function atLeast(offsets: readonly (number | null)[], target: readonly number[]): boolean {
  return target.every((next, partition) => next === 0 || (offsets[partition] ?? 0) >= next);
}

interface Detail {
  next?: number;
  positions?: Record<string, number>;
}

async function detail(base: string): Promise<Detail> {
  return (await (await fetch(`${base}/readyz`)).json()) as Detail;
}

function positionsReach({ positions }: Detail, target: readonly number[]): boolean {
  return target.every((next, partition) => (positions?.[String(partition)] ?? 0) >= next);
}
