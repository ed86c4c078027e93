// What `npm run replay` was asked for.
import { resolve } from 'node:path';
import { readArguments } from '../local/arguments.ts';
import { Refusal } from '../local/refusal.ts';

export interface ReplayOptions {
  /** The mapping and the export, absolute. */
  map: string;
  file: string;
  /** Event-time seconds per second; infinite: as fast as it goes. */
  speed: number;
  /** Absolute: where a running stack is looked for, and where an own one keeps its data. */
  data: string;
  namespace: string | undefined;
}

export const HELP = `npm run replay -- --map FILE.yaml FILE.csv|FILE.ndjson [options]

  Maps a foreign export to events and sends them through the whole chain in event time, in a namespace of its own.

  --map FILE        the mapping; infra/replay/maps has those that are shipped, also by name (--map synthea)
  --speed N|max     seconds of event time per second (default max)
  --data DIR        the running stack to use, or where one is started for this (default .data)
  --namespace NAME  topic prefix and database (default: made from the mapping's name and the time)
`;

/** @throws Refusal naming the option that is wrong. */
export function readReplayOptions(args: string[], env: NodeJS.ProcessEnv): ReplayOptions | undefined {
  const { values, positionals } = parsed(args);
  if (values.help === true) return undefined;
  const from = (path: string) => resolve(env.INIT_CWD ?? '.', path);
  const [file] = positionals;
  if (values.map === undefined || file === undefined)
    throw new Refusal(`A mapping and an export are needed.\n\n${HELP}`);
  const speed = values.speed === undefined || values.speed === 'max' ? Number.POSITIVE_INFINITY : Number(values.speed);
  if (!(speed > 0)) throw new Refusal(`--speed is ${values.speed}: expected a number above 0, or max.`);
  if (values.namespace !== undefined && !/^[a-z][a-z0-9_]{0,40}$/.test(values.namespace))
    throw new Refusal(`--namespace is ${values.namespace}: expected lower-case letters, digits and underscores.`);
  const shipped = /^[a-z][a-z0-9-]*$/.test(values.map)
    ? resolve(import.meta.dirname, 'maps', `${values.map}.yaml`)
    : undefined;
  return {
    map: shipped ?? from(values.map),
    file: from(file),
    speed,
    data: from(values.data ?? resolve(import.meta.dirname, '../../.data')),
    namespace: values.namespace,
  };
}

function parsed(args: string[]) {
  return readArguments('npm run replay --', {
    args,
    allowPositionals: true,
    options: {
      map: { type: 'string' },
      speed: { type: 'string' },
      data: { type: 'string' },
      namespace: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}
