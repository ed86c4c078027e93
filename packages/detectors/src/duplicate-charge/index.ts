// duplicate-charge: one item of one person charged twice, in two settlements of one institution.
import { isoShanghai, yuan } from '@yunjian/contracts';
import { defineLedgerRule, type SettlementOutline } from '@yunjian/detection';
import { z } from 'zod';
import { personClaim, type Settled, settledOf } from '../person-history.ts';

const MINUTE_MS = 60_000;
/** Of the settlements that charged it before, so many are told: the latest. */
const MOST_BEFORE = 20;

interface Charge {
  settled: Settled;
  line: string;
  item: string;
  name: string | null;
  /** fen */
  amount: number;
  /** ms */
  at: number;
}

export const detector = defineLedgerRule({
  id: 'duplicate-charge',
  lane: 'person',
  inputs: ['settlement', 'reversal'],
  growsWith: ['settlement'],
  params: z.object({
    least: z
      .int()
      .min(1)
      .default(1)
      .describe('Least amount of a line that is compared, fen. Source: ours; lines of nothing are no charge.'),
  }),
  level: 3,
  claimsAbsence: false,
  texts: {
    title: { zh: '重复收费', en: 'Charged twice' },
    explanation: {
      zh: '同一参保人在同一机构,同一项目、同一发生时间(无发生时间的按结算分钟)、同一金额,出现在两笔结算中,且均未冲销。',
      en: 'The same item at the same time (where a line has none, in the same minute) and for the same amount stands in two settlements of one person at one institution, and neither was reversed.',
    },
    measures: [
      { zh: '核对费用清单,退回重复收取的费用', en: 'Compare the fee lists and refund what was charged twice' },
      { zh: '责令改正并追回基金', en: 'Order correction and recover what the fund paid' },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条、第三十八条(重复收费)',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 15 and 38 (charging twice)',
    },
    runbook: {
      zh: '按证据中的结算号调取两张费用清单;确属两次服务的,请机构补充发生时间。冲销其中一笔后预警自动撤销。',
      en: 'Fetch both fee lists by the settlements in the evidence. If the service was given twice, ask for the times at which it was. Once one settlement is reversed the alert withdraws by itself.',
    },
  },
  isSilent: ({ settlements }) => {
    const charged = new Map<number, SettlementOutline>();
    for (const settlement of settlements)
      for (const { at } of settlement.lines) {
        const instant = instantOf({ occurredAt: at }, settlement.eventTime);
        const known = charged.get(instant);
        if (known === undefined) charged.set(instant, settlement);
        else if (known !== settlement) return false;
      }
    return true;
  },
  claims: (documents, _reference, { least }) => {
    const settled = settledOf(documents).filter(({ reversal }) => reversal === null);
    if (settled.length < 2) return [];
    // By instant first: few settlements share one, and only their charges need to be named.
    const instants = sharedInstants(settled, least);
    if (instants.size === 0) return [];
    const byInstant = Map.groupBy(
      settled.flatMap((each) => chargesOf(each, least).filter(({ at }) => instants.has(at))),
      ({ at }) => at,
    );
    const atOnce = [...byInstant.values()].filter((charges) => charges.length > 1).flat();
    const byCharge = Map.groupBy(atOnce, identityOf);
    const bySettlement = Map.groupBy([...byCharge.values()].flatMap(repeatsOf), ({ charge }) => charge.settled);
    return [...bySettlement].map(([again, repeats]) => {
      const own = repeats.map(({ charge }) => charge);
      const others = new Set(repeats.flatMap(({ before }) => before));
      return personClaim({
        settled: again,
        others: [...others],
        facts: {
          charged_again: yuan(own.reduce((sum, charge) => sum + charge.amount, 0)),
          charged_before_in: [...others].map(({ settlement }) => settlement.settlementId),
          items: own.map(({ line, item, name, amount, at }) => ({
            line,
            item,
            name,
            amount: yuan(amount),
            at: isoShanghai(at),
          })),
        },
        reason: 'the same item was charged before',
      });
    });
  },
});

/** What stands again in each settlement but the first, and where it stood before. @param charges alike, in order of time */
function repeatsOf(charges: readonly Charge[]): { charge: Charge; before: Settled[] }[] {
  const bySettlement = [...Map.groupBy(charges, ({ settled }) => settled)];
  return bySettlement.slice(1).map(([, own], i) => ({
    charge: own[own.length - 1] as Charge,
    before: bySettlement.slice(Math.max(0, i + 1 - MOST_BEFORE), i + 1).map(([settled]) => settled),
  }));
}

/** Instants of charges of more than one settlement, ms. */
function sharedInstants(settled: readonly Settled[], least: number): Set<number> {
  const first = new Map<number, Settled>();
  const shared = new Set<number>();
  for (const each of settled) {
    const { settlement } = each;
    for (const line of settlement.cold.get().lines) {
      if (line.amount < least) continue;
      const at = instantOf(line, settlement.eventTime);
      const known = first.get(at);
      if (known === undefined) first.set(at, each);
      else if (known !== each) shared.add(at);
    }
  }
  return shared;
}

/** Of a line without one the minute of its settlement, ms. */
function instantOf({ occurredAt }: { occurredAt: number | null }, settledAt: number): number {
  return occurredAt ?? Math.floor(settledAt / MINUTE_MS) * MINUTE_MS;
}

/** A settlement's own lines that are alike are one charge each: only another settlement repeats them. */
function chargesOf(settled: Settled, least: number): Charge[] {
  const { eventTime } = settled.settlement;
  return settled.settlement.cold.get().lines.flatMap((line) => {
    const { line: id, item, name, amount } = line;
    return amount < least ? [] : [{ settled, line: id, item, name, amount, at: instantOf(line, eventTime) }];
  });
}

function identityOf({ settled, item, amount, at }: Charge): string {
  return `${settled.settlement.institution}|${item}|${at}|${amount}`;
}
