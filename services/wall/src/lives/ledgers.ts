// The ledgers in ClickHouse as the wall reads them, and the record of who looked at a person. Somebody waits: no call takes long.
import type { ClickHouse } from '@yunjian/clickhouse';
import { decodeLane, type LaneEvent } from '@yunjian/contracts';
import { firstOfEach } from '@yunjian/detection';

/** Records of one subject that are read at most. */
const MAX_RECORDS = 10_000;
/** An operator waits no longer than this, ms. */
const ANSWER_WITHIN_MS = 5_000;

export interface History {
  /** The first of each document, in order of documents. */
  documents: LaneEvent[];
  /** There are more records than were read. */
  truncated: boolean;
}

/** Who looked at whom, when and why. */
export interface Reveal {
  id: string;
  /** ms */
  at: number;
  operator: string;
  person: string;
  reason: string;
  /** Whether it is a further page. */
  continued: boolean;
}

export interface Ledgers {
  /** Every call throws when ClickHouse is away or slow. */
  history(lane: 'code' | 'person', subject: string): Promise<History>;
  /** Name of a drug in the catalogue. */
  drugName(item: string): Promise<string | null>;
  /** Resolves once it is written. */
  recordReveal(reveal: Reveal): Promise<void>;
}

export function clickhouseLedgers(clickhouse: ClickHouse): Ledgers {
  return {
    history: async (lane, subject) => {
      const rows = await clickhouse.ask<{ position: number; record: string }>(
        `SELECT DISTINCT partition, position, record FROM ledger_${lane} WHERE subject = {subject: String}
         ORDER BY partition, position LIMIT {limit: UInt32}`,
        { subject, limit: MAX_RECORDS + 1 },
        ANSWER_WITHIN_MS,
      );
      const read = rows.slice(0, MAX_RECORDS).map(({ position, record }) => ({
        position,
        event: decodeLane(Buffer.from(record)) as LaneEvent,
      }));
      return { documents: firstOfEach(read), truncated: rows.length > MAX_RECORDS };
    },
    drugName: async (item) => {
      const [row] = await clickhouse.ask<{ name: string }>(
        `SELECT JSONExtractString(detail, 'name') AS name FROM reference
         WHERE kind = 'drug' AND subject = {item: String} ORDER BY event_time DESC LIMIT 1`,
        { item },
        ANSWER_WITHIN_MS,
      );
      return row?.name ?? null;
    },
    recordReveal: async ({ id, at, operator, person, reason, continued }) => {
      const columns = ['id', 'at', 'operator', 'person', 'reason', 'continued'];
      const row = [id, new Date(at).toISOString().replace('Z', ''), operator, person, reason, continued];
      await inTime(clickhouse.insert('reveals', columns, [row]));
    },
  };
}

/** An insert that waits for a database that is away goes on by itself: an attempt recorded late does no harm. */
async function inTime(written: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`clickhouse has not answered within ${ANSWER_WITHIN_MS} ms`)),
      ANSWER_WITHIN_MS,
    );
  });
  try {
    await Promise.race([written, limit]);
  } finally {
    clearTimeout(timer);
    written.catch(() => {});
  }
}
