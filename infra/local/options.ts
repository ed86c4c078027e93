// What `npm start` was asked for, on the command line and in the environment.
import { resolve } from 'node:path';
import { readArguments } from './arguments.ts';
import { Refusal } from './refusal.ts';

export interface StackOptions {
  /** Absolute path of everything that the stack keeps. */
  data: string;
  simulator: boolean;
  /** Seconds of the simulated city per second, until it reaches now. */
  speed: number;
  /** Free ports instead of the usual ones. */
  autoPorts: boolean;
  /** Names of the services to start; undefined for all. */
  only: string[] | undefined;
  /** A broker and a ClickHouse that run already, instead of starting own ones. */
  kafkaBrokers: string | undefined;
  clickhouseUrl: string | undefined;
}

export const HELP = `npm start -- [options]

  Starts Kafka, ClickHouse, all services and a simulated city, and prints the address of the wall.
  Ctrl-C ends everything that it started.

  --no-simulator   no simulated city: events come from you
  --speed N        the city starts in the past and runs N times as fast until it reaches now (default 1)
  --data DIR       where everything is kept (default .data)
  --ports auto     free ports instead of 8080, 8081, 9092, 8123 and 9093, 9101-9106
  --only a,b       only these services (ingest, detector, ledger, alerting, archiver, notifier, wall, simulator)
  --help           this text

  KAFKA_BROKERS (host:port,...) and CLICKHOUSE_URL use what runs there instead of starting own ones.
`;

/**
 * @param args the words after `npm start --`
 * @returns undefined when help is asked for
 * @throws Refusal naming the option that is wrong
 */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): StackOptions | undefined {
  const { values } = parsed(args);
  if (values.help) return undefined;
  const speed = Number(values.speed ?? '1');
  if (!(speed > 0)) throw new Refusal(`--speed is ${values.speed}: expected a number above 0, as in --speed 60.`);
  if (values.ports !== undefined && values.ports !== 'auto') {
    throw new Refusal(`--ports is ${values.ports}: expected --ports auto, or nothing for the usual ports.`);
  }
  return {
    data: resolve(env.INIT_CWD ?? '.', values.data ?? resolve(import.meta.dirname, '../../.data')),
    simulator: !values['no-simulator'],
    speed,
    autoPorts: values.ports === 'auto',
    only: values.only?.split(',').map((name) => name.trim()),
    kafkaBrokers: env.KAFKA_BROKERS || undefined,
    clickhouseUrl: env.CLICKHOUSE_URL?.replace(/\/+$/, '') || undefined,
  };
}

function parsed(args: string[]) {
  return readArguments('npm start --', {
    args,
    options: {
      'no-simulator': { type: 'boolean' },
      speed: { type: 'string' },
      data: { type: 'string' },
      ports: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}
