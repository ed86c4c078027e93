// What pharmacist-absent tells: of a sale, who had signed last; of a day, that nobody reports.
import { isoShanghai, localDate, localMidnight } from '@yunjian/contracts';
import { cameraEvidence, checkEvidence, type Raise, type ReversalRef } from '@yunjian/detection';
import { type Bill, billEvidence, reversalFacts } from '../bill.ts';
import { type DrugLine, saleFacts } from '../prescription-missing/sales.ts';
import type { Attendance } from './roster.ts';

const STATES = {
  in: { zh: '已签到', en: 'signed in' },
  out: { zh: '已签退', en: 'signed out' },
  unsigned: { zh: '当日未签到', en: 'not signed in that day' },
  unreported: { zh: '未上报任何在岗信息', en: 'no staff presence is reported' },
};
const UNREPORTED = { zh: '药店当日未上报药师在岗信息', en: 'Pharmacy reports no staff presence' };

export function saleClaim(
  sale: Bill,
  drugs: readonly DrugLine[],
  reversal: ReversalRef | null,
  { last }: Attendance,
  reason: string,
): Raise {
  return {
    subject: { kind: 'settlement', ref: sale.id },
    institution: sale.institution,
    anchor: sale.id,
    window: { start: sale.at, end: sale.at },
    eventTime: sale.at,
    amount: sale.fund,
    facts: {
      pharmacist: last === null ? STATES.unsigned : last.present ? STATES.in : STATES.out,
      last_signed_at: last === null ? null : isoShanghai(last.at),
      ...saleFacts(drugs, reversal),
    },
    evidence: [
      ...billEvidence(sale.id, reversal),
      ...(last === null ? [] : [checkEvidence(last.document)]),
      ...(last === null || last.device === null ? [] : [cameraEvidence(last.device)]),
    ],
    reason,
  };
}

/**
 * @param day local day
 * @param first the day's first sale of a prescription drug
 * @param reversal of that sale
 * @param window days looked back
 */
export function dayClaim(
  institution: string,
  day: number,
  first: { at: number; id: string },
  reversal: ReversalRef | null,
  window: number,
  reason: string,
): Raise {
  const date = localDate(day);
  return {
    subject: { kind: 'institution', ref: `${institution}/${date}` },
    institution,
    anchor: date,
    window: { start: localMidnight(day), end: localMidnight(day + 1) - 1 },
    eventTime: first.at,
    amount: null,
    title: UNREPORTED,
    facts: {
      pharmacist: STATES.unreported,
      date,
      first_sale: first.id,
      first_sale_at: isoShanghai(first.at),
      days_looked_back: window,
      ...reversalFacts(reversal),
    },
    evidence: billEvidence(first.id, reversal),
    reason,
  };
}
