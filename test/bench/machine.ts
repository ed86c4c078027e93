// The machine and the versions that figures were measured on. Without them a figure says nothing.
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '../..');

export interface Machine {
  cpu: string;
  cores: number;
  memory_gib: number;
  system: string;
  /** Runnable processes of the last minute, before the measurement: what else the machine was busy with. */
  load_before: number;
  measured_at: string;
}

export type Versions = Record<'node' | 'kafka' | 'kafkajs' | 'clickhouse', string>;

export function describeMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    load_before: Number((loadavg()[0] ?? 0).toFixed(2)),
    measured_at: new Date().toISOString(),
  };
}

export function describeVersions(): Versions {
  const pom = readFileSync(join(REPOSITORY, 'infra/kafka/pom.xml'), 'utf8');
  const dependency = (file: string, name: string) => {
    const manifest = JSON.parse(readFileSync(join(REPOSITORY, file), 'utf8'));
    return String({ ...manifest.dependencies, ...manifest.devDependencies }[name] ?? 'unknown');
  };
  return {
    node: process.version.slice(1),
    kafka: /<kafka.version>([^<]+)</.exec(pom)?.[1] ?? 'unknown',
    kafkajs: dependency('packages/kafka/package.json', 'kafkajs'),
    clickhouse: `chdb ${dependency('infra/package.json', 'chdb')}`,
  };
}

export function printMachine(machine: Machine, versions: Versions, say: (line: string) => void): void {
  say(`  ${machine.cpu}, ${machine.cores} cores, ${machine.memory_gib} GiB, ${machine.system}`);
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  say(`  ${named.join(', ')}`);
  say(`  load before: ${machine.load_before}`);
}
