// An institution that uploads no purchases at all: one finding a month, not one a box.
import { isoShanghai } from '@yunjian/contracts';
import type { MonthSale, Raise, SalesMonth } from '@yunjian/detection';
import { reversalFacts } from '../bill.ts';
import { isUploading } from '../purchase-months.ts';
import { dueOf } from './due.ts';

interface Params {
  graceHours: number;
  uploadMonths: number;
}

export function monthClaim(
  { institution, month, sales, purchasesSeen, clock }: SalesMonth,
  { graceHours, uploadMonths }: Params,
): { claim: Raise | null; due: number | null } {
  const graceMs = graceHours * 3_600_000;
  const standing = sales.filter(
    ({ at, reversal }) =>
      (reversal === null || reversal.at > at + graceMs) && !isUploading(purchasesSeen, at, graceMs, uploadMonths),
  );
  const due = Math.min(...standing.map((sale) => dueOf(sale, graceMs)));
  if (standing.length === 0 || clock < due) return { claim: null, due: standing.length === 0 ? null : due };
  const first = standing[0] as MonthSale;
  const claim: Raise = {
    subject: { kind: 'institution', ref: `${institution}/${month}` },
    institution,
    anchor: month,
    window: { start: first.at, end: first.at + graceMs },
    eventTime: first.at,
    amount: null,
    title: { zh: '本月售药而未上传任何采购', en: 'Sold boxes this month and uploads no purchases' },
    facts: {
      uploads_purchases: false,
      month,
      first_sale: { at: isoShanghai(first.at), code: first.code, settlement: first.ref },
      months_without_purchases: uploadMonths + 1,
      ...reversalFacts(first.reversal),
    },
    evidence: [
      { kind: first.channel === 'settlement' ? 'settlement' : 'trace', ref: first.ref },
      ...(first.reversal === null ? [] : [{ kind: 'settlement' as const, ref: first.reversal.id }]),
    ],
    reason: 'sells coded boxes and uploads no purchases',
  };
  return { claim, due: null };
}
