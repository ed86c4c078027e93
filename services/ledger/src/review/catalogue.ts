// What reviews know of drugs, institutions and rules: the ledger's reference, followed at a few seconds' distance. Every partition has all
// of it.
import type { ClickHouse } from '@yunjian/clickhouse';
import { decodeLane } from '@yunjian/contracts';
import type { LedgerReference, LedgerRule } from '@yunjian/detection';
import { ReferenceBook, type ReferenceEvent } from '../reference.ts';
import { LedgerRules, type ParamsInForce } from '../rules.ts';

const FOLLOW_EVERY_MS = 2_000;
const [LANE, PARTITION] = ['person', 0];

/** What a review judges by. */
export interface Known {
  reference: LedgerReference;
  /** Null: the rule is switched off. */
  params(rule: LedgerRule): ParamsInForce | null;
}

export interface Catalogue {
  /** As of now; null until it was first read. */
  now(): Known | null;
  close(): void;
}

/** @param rules those that are reviewed */
export function followCatalogue(
  clickhouse: Pick<ClickHouse, 'stream'>,
  rules: readonly LedgerRule[],
  onError: (error: Error) => void,
): Catalogue {
  const book = new ReferenceBook();
  const inForce = new LedgerRules(rules);
  let next = 0;
  let whole = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const follow = async (): Promise<void> => {
    const portions = clickhouse.stream<{ position: number; record: string }>(
      `SELECT position, record FROM ledger_reference
       WHERE lane = {lane: String} AND partition = {partition: UInt16} AND position >= {next: UInt64} ORDER BY position`,
      { lane: LANE, partition: PARTITION, next },
    );
    for await (const rows of portions)
      for (const { position, record } of rows) {
        const known = decodeLane(Buffer.from(record));
        next = position + 1;
        if (known.kind !== 'ruleChange') book.take(position, known as ReferenceEvent);
        else
          try {
            inForce.take(position, known);
          } catch (error) {
            // Rules that do not fit leave those before them in force, as everywhere.
            onError(error as Error);
          }
      }
    whole = true;
  };
  const run = (): void => {
    void follow()
      .catch((error: Error) => {
        if (!closed) onError(error);
      })
      .finally(() => {
        if (!closed) timer = setTimeout(run, FOLLOW_EVERY_MS);
      });
  };
  run();
  return {
    now: () => (whole ? knownBy(book, inForce) : null),
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** As of the last position read. */
export function knownBy(book: ReferenceBook, inForce: LedgerRules): Known {
  const reference = book.asOf(NOW);
  return {
    reference,
    params: (rule) => (inForce.enabled(rule, NOW) ? inForce.params(rule, NOW, reference) : null),
  };
}

const NOW = Number.MAX_SAFE_INTEGER;
