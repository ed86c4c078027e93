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
  for (const feed of FEEDS) {
    const topic = names.raw(feed);
    await reaches('ingest', topic, await ends(topic));
  }
  onStage('ingest');
  const lanes = {
    institution: await ends(names.lane('institution')),
    person: await ends(names.lane('person')),
    code: await ends(names.lane('code')),
  };
  const detector = until(
    async () => {
      const { positions = {} } = await detail('detector');
      return lanes.institution.every((next, partition) => (positions[partition] ?? 0) >= next);
    },
    LIMIT_MS,
    late('detector'),
  ).then(() => onStage('detector'));
  const ledger = Promise.all(
    (['person', 'code', 'institution'] as const).map((lane) =>
      reaches(`ledger.${lane}`, names.lane(lane), lanes[lane]),
    ),
  ).then(() => onStage('ledger'));
  const archive = reaches('archiver', names.lane('institution'), lanes.institution).then(() =>
    onStage('archiver, events'),
  );
  await Promise.all([detector, ledger]);
  const [findings = 0] = await ends(names.laneAlert);
  await until(async () => ((await detail('alerting')).next ?? 0) >= findings, LIMIT_MS, late('alerting'));
  onStage('alerting');
  await Promise.all([archive, reaches('archiver', names.alertLog, await ends(names.alertLog))]);
  onStage('archiver');

  async function ends(topic: string): Promise<number[]> {
    return (await watermarks(stack.settings, topic)).map(({ high }) => high);
  }

  async function reaches(group: string, topic: string, target: readonly number[]): Promise<void> {
    await until(
      async () => {
        const offsets = await groupOffsets(stack.settings, names.group(group), topic);
        return target.every((next, partition) => next === 0 || (offsets[partition] ?? 0) >= next);
      },
      LIMIT_MS,
      late(group),
    );
  }

  async function detail(service: string) {
    const response = await fetch(`${stack.url(service)}/readyz`);
    return (await response.json()) as { next?: number; positions?: Record<string, number> };
  }

  function late(what: string): () => string {
    return () => `${what} has not caught up within ${LIMIT_MS / 1000} s`;
  }
}
