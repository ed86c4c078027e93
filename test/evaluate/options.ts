// What `npm run evaluate` was asked for.
import { resolve } from 'node:path';
import { readArguments } from '@yunjian/infra/local/arguments.ts';
import { Refusal } from '@yunjian/infra/local/refusal.ts';

export interface EvaluateOptions {
  seed: number;
  /** Lives of the seeds from `seed` on are added up. */
  seeds: number;
  days: number;
  json: string | null;
  svg: string | null;
  /** Institutions of the city as a share of the whole city's. */
  scale: number;
  /** Ordinary visits of each institution as a share of the usual; injected patterns and look-alikes stay as many. */
  rate: number;
}

export const HELP = `npm run evaluate -- [--seed S] [--seeds N] [--days D] [--scale X] [--rate X] [--json FILE] [--svg FILE]

  Simulates D days (default 1) of the city, sends every event through router, detectors, ledger and alerting in one process,
  and compares the alerts with the truth; beside them what a naive rule would have claimed. --seeds 10 adds up ten lives,
  --scale 0.1 takes a tenth of the city, --rate 0.5 half of its ordinary visits, --svg draws a chart.
`;

/** @throws Refusal naming the option that is wrong */
export function readEvaluateOptions(args: string[], env: NodeJS.ProcessEnv): EvaluateOptions | undefined {
  const { values } = readArguments('npm run evaluate --', {
    args,
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      days: { type: 'string' },
      scale: { type: 'string' },
      rate: { type: 'string' },
      json: { type: 'string' },
      svg: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return undefined;
  return {
    seed: number('seed', values.seed, 1, 0),
    seeds: Math.floor(number('seeds', values.seeds, 1, 1)),
    days: number('days', values.days, 1, 0.01),
    scale: number('scale', values.scale, 1, 0.001),
    rate: number('rate', values.rate, 1, 0.01),
    json: fileOf(values.json, env),
    svg: fileOf(values.svg, env),
  };
}

function fileOf(name: string | undefined, env: NodeJS.ProcessEnv): string | null {
  return name === undefined ? null : resolve(env.INIT_CWD ?? '.', name);
}

function number(name: string, text: string | undefined, fallback: number, least: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!(value >= least)) throw new Refusal(`--${name} is ${text}: expected a number from ${least}`);
  return value;
}
