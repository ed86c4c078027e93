// When everything that entered has come out of every stage, by the stages' own positions.
import { FEEDS } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { groupOffsets, watermarks } from '@yunjian/kafka';
import type { BenchStack } from './stack.ts';

const LIMIT_MS = 900_000;

/** Told as each stage is through, with its name. */
export type OnStage = (stage: string) => void;

/**
 * Resolves once ingest has routed what the raw topics hold now, and detector, ledger, alerting and archiver are past everything that came
 * of it. Ticks and marks go on meanwhile, so a stage is held against where its log ended, not against where it ends.
 */
export async function drained(stack: BenchStack, onStage: OnStage): Promise<void> {
  const { names } = stack;
  await routed(stack);
  onStage('ingest');
  const lanes = {
    institution: await ends(stack, names.lane('institution')),
    person: await ends(stack, names.lane('person')),
    code: await ends(stack, names.lane('code')),
  };
  const detector = detected(stack, lanes.institution).then(() => onStage('detector'));
  const ledger = Promise.all(
    (['person', 'code', 'institution'] as const).map((lane) =>
      reaches(stack, `ledger.${lane}`, names.lane(lane), lanes[lane]),
    ),
  ).then(() => onStage('ledger'));
  const archive = reaches(stack, 'archiver', names.lane('institution'), lanes.institution).then(() =>
    onStage('archiver, events'),
  );
  await Promise.all([detector, ledger]);
  const [findings = 0] = await ends(stack, names.laneAlert);
  await until(
    async () => ((await detail(stack, 'alerting')).next ?? 0) >= findings,
    LIMIT_MS,
    () => late('alerting'),
  );
  onStage('alerting');
  await Promise.all([archive, reaches(stack, 'archiver', names.alertLog, await ends(stack, names.alertLog))]);
  onStage('archiver');
}

/** As `drained`, of ingest and the detector alone, where nothing else runs. */
export async function detectorDrained(stack: BenchStack): Promise<void> {
  await routed(stack);
  await detected(stack, await ends(stack, stack.names.lane('institution')));
}

async function routed(stack: BenchStack): Promise<void> {
  for (const feed of FEEDS) {
    const topic = stack.names.raw(feed);
    await reaches(stack, 'ingest', topic, await ends(stack, topic));
  }
}

/** @param lane by partition, the offset that the detector is to reach */
async function detected(stack: BenchStack, lane: readonly number[]): Promise<void> {
  await until(
    async () => {
      const { positions = {} } = await detail(stack, 'detector');
      return lane.every((next, partition) => (positions[partition] ?? 0) >= next);
    },
    LIMIT_MS,
    () => late('detector'),
  );
}

async function ends({ settings }: BenchStack, topic: string): Promise<number[]> {
  return (await watermarks(settings, topic)).map(({ high }) => high);
}

async function reaches(
  { settings, names }: BenchStack,
  group: string,
  topic: string,
  target: readonly number[],
): Promise<void> {
  await until(
    async () => {
      const offsets = await groupOffsets(settings, names.group(group), topic);
      return target.every((next, partition) => next === 0 || (offsets[partition] ?? 0) >= next);
    },
    LIMIT_MS,
    () => late(group),
  );
}

async function detail(stack: BenchStack, service: string) {
  const response = await fetch(`${stack.url(service)}/readyz`);
  return (await response.json()) as { next?: number; positions?: Record<string, number> };
}

const late = (what: string): string => `${what} has not caught up within ${LIMIT_MS / 1000} s`;
