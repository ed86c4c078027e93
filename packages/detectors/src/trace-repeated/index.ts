// trace-repeated: one box, by its traceability code, sold net more than once.
import type { Bilingual } from '@yunjian/contracts';
import { isoShanghai } from '@yunjian/contracts';
import { defineLedgerRule } from '@yunjian/detection';
import { z } from 'zod';
import { allSales, codeOf, isNet, isVerifiedForm, type Sale } from '../code-sales.ts';
import { timesSold } from './sales.ts';

type Suspicion = 'substitution' | 'counterfeit' | 'resold';

const LEVEL: Record<Suspicion, 1 | 2 | 3> = { counterfeit: 1, resold: 2, substitution: 3 };
const TITLE: Record<Suspicion, Bilingual> = {
  substitution: { zh: '追溯码重复结算(疑似串换)', en: 'Traceability code sold repeatedly (substitution suspected)' },
  counterfeit: { zh: '追溯码重复结算(疑似假药)', en: 'Traceability code sold repeatedly (counterfeit suspected)' },
  resold: { zh: '追溯码重复结算(疑似回流药)', en: 'Traceability code sold repeatedly (resold drug suspected)' },
};
const DAY_MS = 86_400_000;
/** A code sold more often than this is a dummy: the first and the last sales are shown, as many as fit a record of the log. */
const MOST_SHOWN = 400;

const params = z.object({
  times: z
    .int()
    .min(2)
    .default(2)
    .describe(
      'Net times sold from which a code is suspect. Source: a provincial model flags 2 and more; the national notice used 3 (domain.md §2).',
    ),
  closeDays: z
    .number()
    .min(0)
    .default(7)
    .describe(
      'Span up to which sales at several institutions count as close in time, days. Source: domain.md §2, unconfirmed, a setting.',
    ),
});

export const detector = defineLedgerRule({
  id: 'trace-repeated',
  lane: 'code',
  inputs: ['codeSale', 'trace', 'codeReversed', 'drug'],
  params,
  level: 2,
  claimsAbsence: false,
  texts: {
    title: { zh: '追溯码重复结算', en: 'Traceability code sold repeatedly' },
    explanation: {
      zh: '同一盒药的追溯码被多次售出,已扣除冲销、退货、拆零(合计不超过一盒)以及同一笔销售的重复上传。',
      en: 'The code of one box was sold more than once, after taking off reversals, returns, split packs (within one box) and repeated uploads of one sale.',
    },
    measures: [
      { zh: '核查进销存与实物,封存相关药品', en: 'Check stock against books and seal the drugs concerned' },
      {
        zh: '移送药监部门(疑似假药、回流药)',
        en: 'Refer to the drug regulator (counterfeit or resold drugs suspected)',
      },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条、第三十八条、第四十条;2025-07-01 起无码不结算',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 15, 38 and 40; since 2025-07-01 no settlement without a scan',
    },
    runbook: {
      zh: '逐笔核对证据中的每次销售:机构、结算号、时间;确认是否存在未上传的退货。补传退货或冲销后系统自动撤销。',
      en: 'Go through every sale in the evidence: institution, settlement, time; see whether a return was not uploaded. Once it is, the alert withdraws by itself.',
    },
  },
  claims: (documents, reference, { times, closeDays }) => {
    const sales = allSales(documents).filter(isNet);
    const [first, last] = [sales[0], sales[sales.length - 1]];
    if (first === undefined || last === undefined) return [];
    const sold = timesSold(sales, (item) => reference.drug(item)?.packSize ?? null);
    if (sold < times) return [];
    const code = codeOf(documents);
    const listed = sales.length <= MOST_SHOWN ? sales : [...sales.slice(0, MOST_SHOWN - 1), last];
    const institutions = [...new Set(sales.map(({ institution }) => institution))];
    const suspicion = suspicionOf(institutions.length, last.at - first.at, closeDays);
    return [
      {
        subject: { kind: 'code', ref: code },
        institution: last.institution,
        anchor: null,
        level: LEVEL[suspicion],
        window: { start: first.at, end: last.at },
        eventTime: last.at,
        amount: null,
        title: TITLE[suspicion],
        facts: {
          suspicion,
          times_sold: sold,
          span_seconds: Math.round((last.at - first.at) / 1000),
          institutions,
          sales: listed.map(shown),
          ...(listed.length < sales.length ? { sales_not_listed: sales.length - listed.length } : {}),
          verified_form: isVerifiedForm(code),
        },
        evidence: listed.map(({ settlement, document, channel }) => ({
          kind: channel === 'settlement' ? 'settlement' : 'trace',
          ref: settlement ?? document,
        })),
        reason: `sold ${sold} times net`,
      },
    ];
  },
});

function suspicionOf(institutions: number, spanMs: number, closeDays: number): Suspicion {
  if (institutions === 1) return 'substitution';
  return spanMs <= closeDays * DAY_MS ? 'counterfeit' : 'resold';
}

function shown({ institution, at, settlement, line, item, count, split, channel }: Sale) {
  return { institution, at: isoShanghai(at), settlement, line, item, count: count / 10_000, split, channel };
}
