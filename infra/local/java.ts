// The Java runtime and Maven: found where they are, installed by apt-get where that is possible, asked for otherwise.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Refusal } from './refusal.ts';

const run = promisify(execFile);
/** Kafka 4 brokers run on Java 17 and later. */
const OLDEST_JAVA = 17;

/** Path of a `java` of version 17 or later. `say` gets a line for each thing that takes time. */
export async function ensureJava(say: (line: string) => void): Promise<string> {
  const found = await findJava();
  if (found !== undefined) return found;
  const packages = (await aptOffers('openjdk-17-jre-headless')) ? 'openjdk-17-jre-headless' : 'default-jre-headless';
  if (await aptInstall(packages, say)) {
    const installed = await findJava();
    if (installed !== undefined) return installed;
  }
  throw new Refusal(
    'Kafka needs a Java runtime of version 17 or later: install one (Debian, Ubuntu: sudo apt-get install openjdk-17-jre-headless; macOS: brew install openjdk@17), or set KAFKA_BROKERS to a broker that runs already.',
  );
}

/** The `mvn` command, needed only to fetch Kafka for the first time. */
export async function ensureMaven(say: (line: string) => void): Promise<string> {
  if (await answers('mvn', ['-v'])) return 'mvn';
  if ((await aptInstall('maven', say)) && (await answers('mvn', ['-v']))) return 'mvn';
  throw new Refusal(
    'Kafka is fetched by Maven, which is not here: install it (Debian, Ubuntu: sudo apt-get install maven; macOS: brew install maven), or set KAFKA_BROKERS to a broker that runs already.',
  );
}

async function findJava(): Promise<string | undefined> {
  const home = process.env.JAVA_HOME;
  const candidates = [...(home ? [join(home, 'bin', 'java')] : []), 'java'];
  for (const java of candidates) if (((await versionOf(java)) ?? 0) >= OLDEST_JAVA) return java;
  return undefined;
}

async function versionOf(java: string): Promise<number | undefined> {
  try {
    const { stderr } = await run(java, ['-version']);
    const version = /version "(\d+)/.exec(stderr)?.[1];
    return version === undefined ? undefined : Number(version);
  } catch {
    return undefined;
  }
}

async function answers(command: string, args: string[]): Promise<boolean> {
  try {
    await run(command, args);
    return true;
  } catch {
    return false;
  }
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

async function aptOffers(name: string): Promise<boolean> {
  return mayInstall() && (await answers('apt-get', ['-q', 'update'])) && answers('apt-cache', ['show', name]);
}

async function aptInstall(packages: string, say: (line: string) => void): Promise<boolean> {
  if (!mayInstall()) return false;
  say(`Installing ${packages} with apt-get`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await answers('apt-get', ['-q', 'update']);
  const child = spawn('apt-get', ['-q', '-y', 'install', '--no-install-recommends', packages], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}
