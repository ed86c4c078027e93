// The rules that were last laid into the lanes, as the ledger of institutions has them.
import type { ClickHouse } from '@yunjian/clickhouse';
import { decodeLane, type RuleChange } from '@yunjian/contracts';

/** Null: nothing was ever said. */
export async function latestRules(clickhouse: ClickHouse): Promise<RuleChange | null> {
  const rows = await clickhouse.query<{ record: string }>(
    `SELECT record FROM ledger_reference WHERE lane = 'institution' AND startsWith(record, '["r"')
     ORDER BY partition, position DESC LIMIT 1`,
  );
  const [latest] = rows;
  return latest === undefined ? null : (decodeLane(Buffer.from(latest.record)) as RuleChange);
}
