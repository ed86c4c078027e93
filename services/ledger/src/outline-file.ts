// Outlines of persons in a file beside the process: a person's are found in microseconds, and what they take in memory is the system's to
// take back. Nothing is lost with it: it is made again from ClickHouse.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';

/** The id of the running system: what was not written out when it ended may be torn. Where it has none the file is made anew. */
const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const [OWNER, MADE] = ['owner', 'made'];

/** A person's rows in outline, a comma between two. */
export interface OutlineText {
  subject: string;
  text: string;
}

export class OutlineFile {
  readonly #file: RootDatabase<string, string>;
  readonly #owner = randomUUID();
  #isOurs = true;

  /**
   * Whoever opens the file last has it.
   * @param directory made where it is missing; of this process alone
   * @param of which ledger: a file of another one is made anew
   */
  constructor(directory: string, of: string) {
    const path = join(directory, 'outlines.mdb');
    mkdirSync(directory, { recursive: true });
    const made = `${of} ${bootId()}`;
    let file = opened(path);
    if (file.get(MADE) !== made) {
      void file.close();
      for (const suffix of ['', '-lock']) rmSync(path + suffix, { force: true });
      file = opened(path);
    }
    this.#file = file;
    file.transactionSync(() => {
      void file.put(MADE, made);
      void file.put(OWNER, this.#owner);
    });
  }

  /** False once another process has opened it: then it is neither read nor written here any more. */
  get isOurs(): boolean {
    return this.#isOurs;
  }

  /** Rows of the partition below that position are all in it; null: nobody knows. */
  completeBelow(partition: number): number | null {
    const position = this.#file.get(`complete|${partition}`);
    return position === undefined ? null : Number(position);
  }

  /** Every row of that person that was added, at least once, a comma between two; undefined: none. */
  get(partition: number, subject: string): string | undefined {
    return this.#file.get(keyOf(partition, subject));
  }

  /**
   * All of it or nothing; a row may be added again.
   * @param completeBelow from now on; null: as before
   */
  add(partition: number, rows: readonly OutlineText[], completeBelow: number | null): void {
    const file = this.#file;
    file.transactionSync(() => {
      if (file.get(OWNER) !== this.#owner) this.#isOurs = false;
      if (!this.#isOurs) return;
      for (const { subject, text } of rows) {
        const key = keyOf(partition, subject);
        const known = file.get(key);
        if (known === undefined) void file.put(key, text);
        else if (!known.includes(text)) void file.put(key, `${known},${text}`);
      }
      if (completeBelow !== null) void file.put(`complete|${partition}`, String(completeBelow));
    });
  }

  async close(): Promise<void> {
    this.#isOurs = false;
    await this.#file.close();
  }
}

function opened(path: string): RootDatabase<string, string> {
  // Whole transactions survive the process; of the system's own end `boot` tells.
  return open<string, string>({ path, encoding: 'string', noSync: true, noMemInit: true });
}

function keyOf(partition: number, subject: string): string {
  return `p${partition}|${subject}`;
}

function bootId(): string {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim();
  } catch {
    return randomUUID();
  }
}
