// What the alert log holds beyond the checkpoint: records that were written already, by this process or by the one before it.
import type { AlertRecord } from '@yunjian/contracts';
import type { Written } from './ports.ts';

/**
 * The first record of each version counts. A repeat of the same text can only come from a decider that did not know yet that it had
 * been succeeded, and every reader passes over it.
 */
export class Told {
  readonly #versions = new Map<string, string>();
  /** Versions of which the log holds two different records. Must stay 0; a later release and a zombie of an earlier one could do it. */
  contradictions = 0;

  constructor(written: readonly Written[]) {
    for (const { value } of written) {
      const text = value.toString('utf8');
      const { alert_id, version } = JSON.parse(text) as AlertRecord;
      const key = keyOf(alert_id, version);
      const first = this.#versions.get(key);
      if (first === undefined) this.#versions.set(key, text);
      else if (first !== text) this.contradictions++;
    }
  }

  /** Takes out the text that the log holds for a version; undefined when it lacks it. */
  take({ alert_id, version }: AlertRecord): string | undefined {
    const key = keyOf(alert_id, version);
    const text = this.#versions.get(key);
    if (text !== undefined) this.#versions.delete(key);
    return text;
  }

  get size(): number {
    return this.#versions.size;
  }
}

function keyOf(alertId: string, version: number): string {
  return `${version}/${alertId}`;
}
