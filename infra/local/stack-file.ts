// DIR/stack.json: where a running stack is reached, for tests, tools and people. Its form is part of the contract.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface StackDescription {
  /** host:port list */
  kafka: string;
  clickhouse: string;
  ingest: { url: string; api_key: string };
  wall: { url: string; token: string };
  namespace: string;
  /** Ids of each service's own processes; none while it is down. */
  processes: Record<string, number[]>;
}

/** Absent until the stack is ready, and from then on always whole and current. */
export class StackFile {
  readonly #file: string;
  #description: Omit<StackDescription, 'processes'> | undefined;
  readonly #processes: Record<string, number[]> = {};

  constructor(directory: string) {
    this.#file = join(directory, 'stack.json');
    rmSync(this.#file, { force: true });
  }

  publish(description: Omit<StackDescription, 'processes'>): void {
    this.#description = description;
    this.#write();
  }

  setProcess(name: string, pid: number | undefined): void {
    this.#processes[name] = pid === undefined ? [] : [pid];
    if (this.#description) this.#write();
  }

  remove(): void {
    this.#description = undefined;
    rmSync(this.#file, { force: true });
  }

  #write(): void {
    const description = { ...this.#description, processes: this.#processes };
    // It holds the key and the token of the stack.
    writeFileSync(`${this.#file}.new`, `${JSON.stringify(description, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}
