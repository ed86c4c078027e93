// What reviews know of drugs and institutions: the ledger's reference, followed at a few seconds' distance. Every partition has all of it.
import type { ClickHouse } from '@yunjian/clickhouse';
import { decodeLane } from '@yunjian/contracts';
import type { LedgerReference } from '@yunjian/detection';
import { ReferenceBook, type ReferenceEvent } from '../reference.ts';

const FOLLOW_EVERY_MS = 2_000;
const [LANE, PARTITION] = ['person', 0];

export interface Catalogue {
  /** As of now; null until it was first read. */
  now(): LedgerReference | null;
  close(): void;
}

export function followCatalogue(clickhouse: ClickHouse, onError: (error: Error) => void): Catalogue {
  const book = new ReferenceBook();
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
        if (known.kind !== 'ruleChange') book.take(position, known as ReferenceEvent);
        next = position + 1;
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
    now: () => (whole ? book.asOf(Number.MAX_SAFE_INTEGER) : null),
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}
