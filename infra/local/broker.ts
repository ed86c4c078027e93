// A single-node Apache Kafka without containers: its jars, its storage, its command line.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BROKER_HEAP, BROKER_SETTINGS, SINGLE_NODE_SETTINGS } from '../kafka/settings.ts';
import type { Command } from './command.ts';
import { ensureJava, ensureMaven } from './java.ts';
import { Refusal } from './refusal.ts';

const run = promisify(execFile);
const POM = join(import.meta.dirname, '../kafka/pom.xml');
const LOG4J = join(import.meta.dirname, '../kafka/log4j2.properties');
const REPOSITORY = join(import.meta.dirname, '../..');

export interface BrokerOptions {
  /** Directory of the broker's own; created and formatted when empty. */
  directory: string;
  port: number;
  controllerPort: number;
  say: (line: string) => void;
  /** Gives up what it takes to start: Maven, formatting. */
  signal?: AbortSignal;
}

/** Fetches what is missing, formats the storage once and says how to start the broker. */
export async function brokerCommand(options: BrokerOptions): Promise<Command> {
  const java = await ensureJava(options.say);
  const jars = await ensureJars(options);
  const data = join(options.directory, 'data');
  mkdirSync(options.directory, { recursive: true });
  const properties = join(options.directory, 'server.properties');
  writeFileSync(properties, serverProperties(options, data));
  const jvm = ['-cp', `${jars}/*`, `-Dlog4j2.configurationFile=${LOG4J}`];
  if (!existsSync(join(data, 'meta.properties'))) {
    rmSync(data, { recursive: true, force: true });
    const clusterId = `y${randomBytes(16).toString('base64url').slice(1)}`;
    await run(java, [...jvm, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties]);
  }
  const heap = [`-Xmx${BROKER_HEAP}`, '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'];
  return { file: java, args: [...heap, ...jvm, 'kafka.Kafka', properties], env: {} };
}

/** Whether a broker answers requests at `address` (host:port): it is asked for the versions it speaks. */
export function brokerAnswers(address: string): Promise<boolean> {
  const at = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const socket = connect(Number(address.slice(at + 1)), address.slice(0, at));
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.once('data', () => end(true));
    socket.once('connect', () => socket.write(API_VERSIONS));
  });
}

/** Length, api key 18 (ApiVersions), version 0, correlation id 1, no client id. */
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

function serverProperties(options: BrokerOptions, data: string): string {
  const settings = {
    ...SINGLE_NODE_SETTINGS,
    ...BROKER_SETTINGS,
    listeners: `PLAINTEXT://127.0.0.1:${options.port},CONTROLLER://127.0.0.1:${options.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${options.port}`,
    'controller.quorum.voters': `1@127.0.0.1:${options.controllerPort}`,
    'log.dirs': data,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');
}

/** Directory of Kafka's jars, shared by all stacks of this checkout. */
async function ensureJars({ say, signal }: BrokerOptions): Promise<string> {
  const version = /<kafka.version>([^<]+)</.exec(readFileSync(POM, 'utf8'))?.[1];
  const directory = join(REPOSITORY, '.data', 'cache', `kafka-${version}`);
  if (existsSync(directory)) return directory;
  const maven = await ensureMaven(say);
  say(`Fetching Apache Kafka ${version} with Maven (about 110 MB, once)`);
  const partial = `${directory}.${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partial}`];
  try {
    await run(maven, ['-B', '-q', '-f', POM, ...goal], { signal });
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    signal?.throwIfAborted();
    const said = (error as { stdout?: string }).stdout?.split('\n').find((line) => line.includes('ERROR')) ?? '';
    throw new Refusal(
      `Maven could not fetch Kafka: ${said}. Check the network and Maven's settings, then start again.`,
    );
  }
  // Two first starts at once: the first one in place wins.
  if (existsSync(directory)) rmSync(partial, { recursive: true, force: true });
  else renameSync(partial, directory);
  return directory;
}
