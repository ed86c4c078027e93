// What this data directory's stack has running, on disk: one supervisor at a time, and nothing left behind by one that
// was killed. A process is known by its id and its start time together, so that a reused id is never taken for it.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from './refusal.ts';
import { until } from './until.ts';

interface Known {
  name: string;
  pid: number;
  startedAt: string;
}

/** Exclusive use of a data directory, and the record of the processes that were started in it. */
export class ProcessRecord {
  readonly #lock: string;
  readonly #file: string;
  readonly #running = new Map<string, Known>();

  /** @throws Refusal when another supervisor works on `directory` */
  constructor(directory: string) {
    this.#lock = join(directory, 'supervisor.json');
    this.#file = join(directory, 'processes.json');
    const own: Known = { name: 'supervisor', pid: process.pid, startedAt: startOf(process.pid) ?? '' };
    for (;;) {
      try {
        writeFileSync(this.#lock, JSON.stringify(own), { flag: 'wx' });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = read(this.#lock) as Known | undefined;
      if (holder && alive(holder)) {
        throw new Refusal(
          `A stack runs already on ${directory} (process ${holder.pid}): stop it with Ctrl-C, or start this one with --data DIR --ports auto.`,
        );
      }
      rmSync(this.#lock, { force: true });
    }
  }

  /** Ends what an earlier supervisor left running and returns the names. */
  async endOrphans(): Promise<string[]> {
    const orphans = ((read(this.#file) as Known[] | undefined) ?? []).filter(alive);
    await Promise.all(orphans.map(endOrphan));
    rmSync(this.#file, { force: true });
    return orphans.map((orphan) => orphan.name);
  }

  started(name: string, pid: number): void {
    this.#running.set(name, { name, pid, startedAt: startOf(pid) ?? '' });
    this.#write();
  }

  ended(name: string): void {
    this.#running.delete(name);
    this.#write();
  }

  release(): void {
    rmSync(this.#file, { force: true });
    rmSync(this.#lock, { force: true });
  }

  #write(): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify([...this.#running.values()]));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

async function endOrphan(orphan: Known): Promise<void> {
  signal(orphan, 'SIGTERM');
  try {
    await until(
      () => !alive(orphan),
      10_000,
      () => 'still there',
    );
  } catch {
    signal(orphan, 'SIGKILL');
    await until(
      () => !alive(orphan),
      5_000,
      () => `process ${orphan.pid} (${orphan.name}) of an earlier start cannot be ended`,
    );
  }
}

function signal(known: Known, name: NodeJS.Signals): void {
  try {
    if (alive(known)) process.kill(known.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Absent, or cut short by a kill while it was written: nothing is known.
    return undefined;
  }
}

function alive(known: Known): boolean {
  return startOf(known.pid) === known.startedAt;
}

/** When process `pid` started, in the system's own notation; undefined when there is none or it is a zombie. */
function startOf(pid: number): string | undefined {
  try {
    if (existsSync('/proc/self/stat')) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    }
    const listed = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return listed.startsWith('Z') ? undefined : listed.slice(listed.indexOf(' ') + 1).trim();
  } catch {
    return undefined;
  }
}
