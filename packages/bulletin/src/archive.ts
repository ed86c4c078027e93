// What the archive knows of a quarter: budgets, spending, justifications, names and the rules in force. The first of each document counts.
import type { ClickHouse } from '@yunjian/clickhouse';
import { type Institution, localMidnight, type Quarter, quarterDays } from '@yunjian/contracts';
import { paramsInForce } from '@yunjian/detectors/quarterly';
import type { Excuse, InstitutionQuarters, QuarterSpending } from './figures.ts';
import { latestRules } from './rules.ts';

/** Quarters before the one in question that its trend shows. */
const TREND_QUARTERS = 4;

type Registered = Pick<Institution, 'category' | 'level' | 'grid'> & { name: string };

interface ReferenceRow {
  subject: string;
  detail: string;
}

/** The latest of each subject by event time; at one instant the greater document, as the detectors take it. */
async function latest(clickhouse: ClickHouse, kind: string): Promise<Map<string, Record<string, unknown>>> {
  const rows = await clickhouse.query<ReferenceRow>(
    `SELECT subject, argMax(detail, (event_time, document)) AS detail FROM reference_current
     WHERE kind = {kind: String} GROUP BY subject`,
    { kind },
  );
  return new Map(rows.map(({ subject, detail }) => [subject, JSON.parse(detail) as Record<string, unknown>]));
}

/** Fund spending of medical institutions in a calendar quarter of Asia/Shanghai by event time, reversals netted, fen. */
async function spending(clickhouse: ClickHouse, quarter: Quarter): Promise<Map<string, number>> {
  const { first, total } = quarterDays(quarter);
  const rows = await clickhouse.query<{ institution: string; fund: number }>(
    `SELECT institution, sum(fund_fen) AS fund FROM settlements_current
     WHERE startsWith(institution, 'H') AND event_time >= fromUnixTimestamp64Milli({from: Int64})
       AND event_time < fromUnixTimestamp64Milli({to: Int64})
     GROUP BY institution`,
    { from: localMidnight(first), to: localMidnight(first + total) },
  );
  return new Map(rows.map(({ institution, fund }) => [institution, Number(fund)]));
}

/**
 * Every medical institution that has a budget in the quarter.
 * @throws Error where the rules in force do not fit this version
 */
export async function institutionsOf(clickhouse: ClickHouse, quarter: Quarter): Promise<InstitutionQuarters[]> {
  const [budgets, justifications, institutions] = (await Promise.all(
    ['budget', 'justification', 'institution'].map((kind) => latest(clickhouse, kind)),
  )) as [
    Map<string, Record<string, unknown>>,
    Map<string, Record<string, unknown>>,
    Map<string, Record<string, unknown>>,
  ];
  const paramsOf = paramsInForce(await latestRules(clickhouse));
  const quarters = [quarter];
  for (let i = 0; i < TREND_QUARTERS; i++) quarters.push(quarterBefore(quarters[i] as Quarter));
  const spent = await Promise.all(quarters.map((each) => spending(clickhouse, each)));
  const codes = [...new Set([...budgets.keys()].map((subject) => subject.slice(0, subject.indexOf('/'))))];
  return codes.flatMap((code): InstitutionQuarters[] => {
    if (!code.startsWith('H')) return [];
    const of = (each: Quarter, i: number): QuarterSpending[] => {
      const budget = budgets.get(`${code}/${each.year}Q${each.quarter}`);
      if (budget === undefined) return [];
      const plan = {
        amount: budget.amount as number,
        weights: (budget.weights ?? null) as QuarterSpending['plan']['weights'],
      };
      return [{ quarter: each, plan, spend: spent[i]?.get(code) ?? 0 }];
    };
    const [current] = of(quarter, 0);
    if (current === undefined) return [];
    const institution = institutions.get(code) as Registered | undefined;
    const justification = justifications.get(`${code}/${quarter.year}Q${quarter.quarter}`);
    return [
      {
        code,
        name: institution?.name ?? code,
        grid: institution?.grid ?? [],
        params: paramsOf(institution ?? null),
        current,
        excuse: justification === undefined ? null : excuseOf(justification),
        before: quarters.slice(1).flatMap((each, i) => of(each, i + 1)),
      },
    ];
  });
}

function excuseOf({ reason, approvedBy, validUntil }: Record<string, unknown>): Excuse {
  return {
    reason: reason as string,
    approvedBy: approvedBy as string,
    validUntil: (validUntil as number | null) ?? null,
  };
}

export function quarterBefore({ year, quarter }: Quarter): Quarter {
  return quarter === 1 ? { year: year - 1, quarter: 4 } : { year, quarter: (quarter - 1) as Quarter['quarter'] };
}
