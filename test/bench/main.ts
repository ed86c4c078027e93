// Process: `npm run bench -- NAME`. Measures the system on real parts of its own and says on which machine.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { codeOf, positive, readArguments, whole } from '@yunjian/infra/local/arguments.ts';
import { leaveNobodyBehind } from '@yunjian/infra/local/launch.ts';
import { benchArchiver } from './archiver.ts';
import { benchBacktest } from './backtest.ts';
import { benchChain } from './chain.ts';
import { benchCore } from './core.ts';
import { benchIngest } from './ingest.ts';
import { benchLatency } from './latency.ts';
import { describeMachine, describeVersions, printMachine } from './machine.ts';
import { benchPeers } from './peers.ts';
import { benchRecovery } from './recovery.ts';
import { benchReview } from './review.ts';
import { benchScale } from './scale.ts';
import { benchLedger, benchPersons, benchStock } from './sinks.ts';

/** What a benchmark is given, and figures by name as it gives them back. */
export interface Bench {
  /** Temporary, removed afterwards. */
  directory: string;
  say: (line: string) => void;
  options: BenchOptions;
}

export interface BenchOptions {
  /** Events sent at full speed. */
  events: number;
  /** Length of a steady measurement. */
  seconds: number;
  /** Events a second of a steady measurement. */
  rate: number;
  /** Rows that the ledger holds before. */
  history: number;
  /** Settlements of each person before, in the person ledger. */
  each: number;
}

export type Results = Record<string, number>;

const BENCHES: Record<string, (bench: Bench) => Promise<Results>> = {
  chain: benchChain,
  latency: benchLatency,
  core: benchCore,
  scale: benchScale,
  peers: benchPeers,
  ingest: benchIngest,
  ledger: benchLedger,
  persons: benchPersons,
  stock: benchStock,
  archiver: benchArchiver,
  recovery: benchRecovery,
  backtest: benchBacktest,
  review: benchReview,
};

const HELP = `npm run bench -- NAME [options]

  chain   events through all services: events/s, and the time from an event to the wall
  latency from an event to its finding and to the wall, with only the services in between, at --rate events/s
  core    a detector process on a full lane, against the bare library that only parses
  scale   the same identity detector with 4 and 24 partitions, and with two processes: what an event costs
  peers   Kafka Streams and Flink on the same work, beside ours; needs Maven and a JDK 17
  ingest  both doors of ingest alone: events/s, and what a million costs
  ledger  the code ledger alone: codes/s, what a million costs, and every statement that ClickHouse was asked
  persons the person ledger alone: settlements/s of persons with a history of --each settlements
  stock   the ledger of lane.institution alone: settlements and deliveries/s, and what a million costs
  archiver  the archiver alone, on settlements and on the chain's mix: rows/s, and what a million costs
  recovery a detector process killed with its state full: until another stands where it stood
  backtest  proposed parameters against today's over an archived hour of so many events
  review  pre-settlement reviews at 200 a second against filled ledgers: how long a till waits

  --json FILE    also write {machine, versions, command, results: {name: number}}
  --events N     events sent at full speed (default 300000)
  --history N    rows in the ledger before the benches ledger and persons begin (default 0)
  --each N       settlements of each person before, in the bench persons (default 17: 50 million of 3 million insured)
  --seconds N    length of the steady part (default 60)
  --rate N       events a second of the chain's steady part (default 1000)
  --keep         leave the data and logs where they are
`;

const say = (line: string) => process.stdout.write(`${line}\n`);
leaveNobodyBehind();
process.exit(await codeOf(() => main(process.argv.slice(2))));

async function main(args: string[]): Promise<number> {
  const { values, positionals } = readArguments('npm run bench --', {
    args,
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      events: { type: 'string', default: '300000' },
      seconds: { type: 'string', default: '60' },
      rate: { type: 'string', default: '1000' },
      history: { type: 'string', default: '0' },
      each: { type: 'string', default: '17' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [name = ''] = positionals;
  const bench = BENCHES[name];
  if (bench === undefined || values.help) {
    say(HELP);
    return values.help ? 0 : 2;
  }
  const options = {
    events: positive('--events', values.events),
    seconds: positive('--seconds', values.seconds),
    rate: positive('--rate', values.rate),
    history: whole('--history', values.history),
    each: positive('--each', values.each),
  };
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-bench-'));
  const machine = describeMachine();
  const versions = describeVersions();
  printMachine(machine, versions, say);
  try {
    const results = await bench({ directory, say, options });
    const width = Math.max(...Object.keys(results).map((key) => key.length));
    say('');
    for (const [key, value] of Object.entries(results)) say(`  ${key.padEnd(width)}  ${value.toLocaleString('en')}`);
    if (values.json !== undefined) {
      const file = resolve(process.env.INIT_CWD ?? '.', values.json);
      const shown = args.filter((arg, i) => arg !== '--json' && args[i - 1] !== '--json');
      const command = `npm run bench -- ${shown.join(' ')}`;
      writeFileSync(file, `${JSON.stringify({ machine, versions, command, results }, null, 2)}\n`);
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).stack}\n`);
    return 1;
  } finally {
    if (values.keep) say(`  kept: ${directory}`);
    else rmSync(directory, { recursive: true, force: true });
  }
}
