// The Java runtime and Maven: found where they are, installed by apt-get where that is possible, asked for otherwise.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
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
  // Not every release of Debian or Ubuntu has version 17; the default of those that lack it is later.
  if (await aptInstall(['openjdk-17-jre-headless', 'default-jre-headless'], say)) {
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
  if ((await aptInstall(['maven'], say)) && (await answers('mvn', ['-v']))) return 'mvn';
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

/** Installs the first of `packages` that there is. @returns whether that went well; false without root or apt-get */
async function aptInstall(packages: string[], say: (line: string) => void): Promise<boolean> {
  if (process.getuid?.() !== 0 || !(await answers('apt-get', ['--version']))) return false;
  await answers('apt-get', ['-q', 'update']);
  for (const name of packages) {
    if (!(await answers('apt-cache', ['show', name]))) continue;
    say(`Installing ${name} with apt-get`);
    const child = spawn('apt-get', ['-q', '-y', 'install', '--no-install-recommends', name], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = await once(child, 'exit');
    return code === 0;
  }
  return false;
}
