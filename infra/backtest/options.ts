// What `npm run backtest` was asked for.
import { resolve } from 'node:path';
import { DAY_MS, parseInstant } from '@yunjian/contracts';
import { readArguments } from '../local/arguments.ts';
import { Refusal } from '../local/refusal.ts';
import { type Change, readChange } from './parameters.ts';

export interface BacktestRequest {
  /** ms */
  from: number;
  to: number;
  changes: Change[];
  /** Today's rules.yaml; null: what the archive has of it. */
  rules: string | null;
  json: string | null;
  examples: number;
  /** Days before `from` from which events are read; null: as far back as the detectors look. */
  lead: number | null;
  /** Null: as the running stack says. */
  clickhouse: string | null;
  namespace: string | null;
  /** Folder of the stack, where its stack.json is. */
  data: string;
}

export const HELP = `npm run backtest -- --from ISO --to ISO --set detector.parameter=value [--set …] [options]

  Runs the detectors over the archive twice in one pass, with today's parameters and with the proposed ones, and shows which alerts
  are gained and which are lost. Nothing is written to the archive, no alert is raised.

  --from, --to ISO   event time of the alerts that are compared, such as 2026-11-01 or 2026-11-01T08:00:00+08:00; to is exclusive, and what arrived
                     until then is judged as of then
  --set D.P=V        a parameter of a detector, or its enabled=true|false. Times 90s, 5m, 72h, 3d; money in yuan, 800; lists a,b,c.
                     Detectors and parameters: docs/generated/detectors.md
  --rules FILE       today's rules.yaml (default: the rules last laid into the lanes, as the archive has them)
  --lead DAYS        read events from so many days before --from (default: as far back as the detectors named look)
  --examples N       so many alerts of each kind are shown (default 5)
  --json FILE        the whole result as JSON
  --data DIR         the running stack whose DIR/stack.json is read (default .data)
  --clickhouse URL   another ClickHouse
  --namespace NAME   the archive's database, instead of the stack's
`;

/** @throws Refusal naming the option that is wrong */
export function readBacktestOptions(args: string[], env: NodeJS.ProcessEnv): BacktestRequest | undefined {
  const { values } = parsed(args);
  if (values.help === true) return undefined;
  const from = instant('--from', values.from);
  const to = instant('--to', values.to);
  if (from >= to) throw new Refusal(`--from is ${values.from}, --to ${values.to}: expected --from to lie before --to`);
  if (values.set === undefined)
    throw new Refusal(`No --set: nothing is proposed that could be held against today's parameters.\n\n${HELP}`);
  const path = (name: string) => resolve(env.INIT_CWD ?? '.', name);
  const lead = values.lead === undefined ? null : number('--lead', values.lead);
  return {
    from,
    to,
    changes: values.set.map(readChange),
    rules: values.rules === undefined ? null : path(values.rules),
    json: values.json === undefined ? null : path(values.json),
    examples: values.examples === undefined ? 5 : number('--examples', values.examples),
    lead: lead === null ? null : from - lead * DAY_MS,
    clickhouse: values.clickhouse ?? env.CLICKHOUSE_URL ?? null,
    namespace: values.namespace ?? null,
    data: path(values.data),
  };
}

function parsed(args: string[]) {
  const text = { type: 'string' } as const;
  return readArguments('npm run backtest --', {
    args,
    options: {
      from: text,
      to: text,
      set: { type: 'string', multiple: true },
      rules: text,
      lead: text,
      examples: text,
      json: text,
      data: { type: 'string', default: '.data' },
      clickhouse: text,
      namespace: text,
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function instant(option: string, text: string | undefined): number {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text ?? '') ? `${text}T00:00:00+08:00` : text;
  const at = day === undefined ? undefined : parseInstant(day);
  if (at === undefined)
    throw new Refusal(
      `${option} is ${text ?? 'missing'}: expected a day such as 2026-11-01 or an instant such as 2026-11-01T08:00:00+08:00`,
    );
  return at;
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && Number.isFinite(value)) return value;
  throw new Refusal(`${option} is ${text}: expected a number from 0`);
}
