// One process that is kept running: started again when it dies, after a pause that grows.
import type { ChildProcess } from 'node:child_process';
import { relative } from 'node:path';
import type { Command } from './command.ts';
import { end, launch } from './launch.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;
/** A process that was up this long starts again after the first pause. */
const STEADY_MS = 30_000;

export interface SupervisedOptions {
  name: string;
  command: Command;
  /** File that gets its output. */
  log: string;
  say: (line: string) => void;
  /** Called with the new pid after each start, and with undefined when it has died. */
  onChange: (pid: number | undefined) => void;
}

export class Supervised {
  readonly #options: SupervisedOptions;
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #stopping = false;

  constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  start(): void {
    const { command, log, onChange } = this.#options;
    const startedAt = performance.now();
    const child = launch(command, log);
    this.#child = child;
    let over = false;
    const died = (reason: string) => {
      if (over) return;
      over = true;
      onChange(undefined);
      if (!this.#stopping) this.#again(reason, performance.now() - startedAt);
    };
    child.once('error', (error) => died(error.message));
    child.once('exit', (code, signal) => died(signal === null ? `exit code ${code}` : `signal ${signal}`));
    if (child.pid !== undefined) onChange(child.pid);
  }

  /** SIGTERM, then SIGKILL after `graceMs`; never started again. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    if (this.#child) await end(this.#child, graceMs);
  }

  #again(reason: string, upMs: number): void {
    if (upMs >= STEADY_MS) this.#pauseMs = FIRST_PAUSE_MS;
    const pause = this.#pauseMs;
    this.#pauseMs = Math.min(2 * pause, LONGEST_PAUSE_MS);
    const { name, log, say } = this.#options;
    say(`${name} ended (${reason}), starts again in ${pause / 1000} s; see ${relative(process.cwd(), log)}`);
    this.#restart = setTimeout(() => this.start(), pause);
  }
}
