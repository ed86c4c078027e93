// What `npm run inspect` was asked for.
import { resolve } from 'node:path';
import { readArguments, whole } from '../local/arguments.ts';
import { Refusal } from '../local/refusal.ts';

export type InspectQuestion =
  | { what: 'checkpoint'; of: CheckpointOf; partition: number | undefined }
  | { what: 'lane'; lane: LaneName; partition: number; from: number | undefined; last: number }
  | { what: 'alert'; id: string }
  | { what: 'shadow'; detector: string | undefined; last: number };

export type CheckpointOf = (typeof CHECKPOINTS)[number];
export type LaneName = (typeof LANE_NAMES)[number];

export interface InspectOptions {
  question: InspectQuestion;
  /** Absolute: where a running stack's stack.json is looked for. */
  data: string;
  /** host:port list, URL and namespace that take the place of the stack's. */
  kafka: string | undefined;
  clickhouse: string | undefined;
  namespace: string | undefined;
}

const CHECKPOINTS = ['institution', 'alert'] as const;
const LANE_NAMES = ['institution', 'person', 'code', 'alert'] as const;
const RECORDS_SHOWN = 20;

export const HELP = `npm run inspect -- checkpoint|lane|alert|shadow … [options]

  checkpoint [institution|alert] [PARTITION]
      Pointer, lag and size of every partition; of one: its chain of commits, clocks and marks, tables.
  lane institution|person|code|alert PARTITION [--from OFFSET] [--last N]
      Records of a lane, readable; persons are pseudonyms. Default: the last 20.
  alert ALERT_ID
      Its transitions, the lane record that caused each, and where its evidence lies.
  shadow [DETECTOR] [--last N]
      Detectors with shadow parameters: alerts by both, gained and lost, and the last 20 that are not by both.

  --data DIR         the running stack whose DIR/stack.json is read (default .data)
  --kafka HOST:PORT  another broker (a list, separated by commas)
  --clickhouse URL   another ClickHouse
  --namespace NAME   another topic prefix and database
  --help             this text

  It only reads: no group is joined whose offsets matter, nothing is written.
`;

/**
 * @param args the words after `npm run inspect --`
 * @returns undefined when help is asked for
 * @throws Refusal naming the word that is wrong
 */
export function readInspectOptions(args: string[], env: NodeJS.ProcessEnv): InspectOptions | undefined {
  const { values, positionals } = parsed(args);
  if (values.help === true) return undefined;
  return {
    question: questionOf(positionals, values),
    data: resolve(env.INIT_CWD ?? '.', values.data ?? resolve(import.meta.dirname, '../../.data')),
    kafka: values.kafka,
    clickhouse: values.clickhouse?.replace(/\/+$/, ''),
    namespace: values.namespace,
  };
}

function questionOf(
  [what, ...rest]: string[],
  { from, last }: { from?: string | undefined; last?: string | undefined },
): InspectQuestion {
  switch (what) {
    case 'checkpoint': {
      const [of = 'institution', partition] = rest;
      if (partition === undefined) return { what, of: oneOf(CHECKPOINTS, of, 'A checkpoint'), partition };
      return { what, of: oneOf(CHECKPOINTS, of, 'A checkpoint'), partition: whole('PARTITION', partition) };
    }
    case 'lane': {
      const [lane, partition = '0'] = rest;
      return {
        what,
        lane: oneOf(LANE_NAMES, lane, 'A lane'),
        partition: whole('PARTITION', partition),
        from: from === undefined ? undefined : whole('--from', from),
        last: last === undefined ? RECORDS_SHOWN : whole('--last', last),
      };
    }
    case 'alert': {
      const [id] = rest;
      if (id === undefined) throw new Refusal('An alert is named by its id: npm run inspect -- alert ALERT_ID');
      return { what, id };
    }
    case 'shadow':
      return { what, detector: rest[0], last: last === undefined ? RECORDS_SHOWN : whole('--last', last) };
    default:
      throw new Refusal(
        `Expected checkpoint, lane, alert or shadow, got ${what ?? 'nothing'}: npm run inspect -- --help says what each shows.`,
      );
  }
}

function oneOf<T extends string>(allowed: readonly T[], word: string | undefined, subject: string): T {
  const found = allowed.find((each) => each === word);
  if (found === undefined) throw new Refusal(`${subject} is one of ${allowed.join(', ')}; got ${word ?? 'nothing'}.`);
  return found;
}

function parsed(args: string[]) {
  return readArguments('npm run inspect --', {
    args,
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      last: { type: 'string' },
      data: { type: 'string' },
      kafka: { type: 'string' },
      clickhouse: { type: 'string' },
      namespace: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}
