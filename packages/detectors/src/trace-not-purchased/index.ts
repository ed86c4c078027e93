// trace-not-purchased: a box sold or settled where it was never bought.
import { isoShanghai, type LaneEvent } from '@yunjian/contracts';
import { defineLedgerRule, type LedgerReference } from '@yunjian/detection';
import { z } from 'zod';
import { allSales, codeOf, isVerifiedForm, type Sale } from '../code-sales.ts';
import { isUploading, UPLOADING_MONTHS } from '../purchase-months.ts';
import { dueOf } from './due.ts';
import { monthClaim } from './month.ts';

const params = z.object({
  graceHours: z
    .number()
    .min(0)
    .max(720)
    .default(72)
    .describe(
      'Time that an institution has to upload a purchase after the sale, hours. Source: the supervisors’ list, 72 h.',
    ),
  uploadMonths: z.int().min(0).max(12).default(3).describe(UPLOADING_MONTHS),
});
type Params = z.output<typeof params>;

/** A code sold more often than this is a dummy: its first and its last sale are shown, as many as fit a record of the log. */
const MOST_SHOWN = 400;

export const detector = defineLedgerRule({
  id: 'trace-not-purchased',
  lane: 'code',
  inputs: ['codeSale', 'trace', 'codeReversed', 'purchasesSeen'],
  params,
  level: 3,
  claimsAbsence: true,
  texts: {
    title: { zh: '售出未采购的药品', en: 'Box sold that was never bought here' },
    explanation: {
      zh: '该追溯码在本机构售出或结算,但截至售出后 72 小时,本机构没有上传过早于售出时间的这一盒药的采购记录:可能是回流药、无票购进或虚假销售。机构完全不上传采购的,每月只提示一次。',
      en: 'The box was sold or settled here, and 72 hours later the institution had uploaded no purchase of it dated before the sale: it may be a resold drug, bought without papers, or never sold at all. An institution that uploads no purchases at all is told once a month.',
    },
    measures: [
      {
        zh: '要求机构补传采购记录并提供随货同行单',
        en: 'Have the institution upload the purchase and show its delivery note',
      },
      {
        zh: '核查进货渠道,必要时移送药监部门',
        en: 'Check where the box came from and refer to the drug regulator if needed',
      },
      { zh: '追回相应医保基金', en: 'Recover what the fund paid' },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条、第三十八条、第四十条;《药品管理法》购进记录要求;进销存上传 3503',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 15, 38 and 40; Drug Administration Law on purchase records; stock upload 3503',
    },
    runbook: {
      zh: '向机构索取该盒药的采购凭证。若确已采购而未上传,由机构补传(采购日期早于售出时间)后系统自动撤销;若采购日期晚于售出,不撤销。整月未上传采购的机构,先核实其进销存接口是否正常。',
      en: 'Ask for the purchase papers of the box. If it was bought and not uploaded, the institution uploads it (dated before the sale) and the alert withdraws by itself; a purchase dated after the sale withdraws nothing. Where a whole month has no purchases, check first that the institution’s stock interface works.',
    },
  },
  claims: (documents, reference, own, about = () => true) => {
    const graceMs = own.graceHours * 3_600_000;
    const standing = unbought(documents, own).filter(
      (sale) => about(sale.institution) && reference.clock() >= dueOf(sale, graceMs) && uploads(reference, sale, own),
    );
    const [first, last] = [standing[0], standing[standing.length - 1]];
    if (first === undefined || last === undefined) return [];
    const code = codeOf(documents);
    const listed = standing.length <= MOST_SHOWN ? standing : [...standing.slice(0, MOST_SHOWN - 1), last];
    return [
      {
        subject: { kind: 'code', ref: code },
        institution: last.institution,
        anchor: null,
        window: { start: first.at, end: last.at + graceMs },
        eventTime: last.at,
        amount: null,
        facts: {
          grace_hours: own.graceHours,
          item: last.item,
          institutions: [...new Set(standing.map(({ institution }) => institution))],
          sales: listed.map(shown),
          ...(listed.length < standing.length ? { sales_not_listed: standing.length - listed.length } : {}),
          bought_elsewhere_by: boughtBy(documents),
          verified_form: isVerifiedForm(code),
        },
        evidence: listed.flatMap(({ settlement, document, channel, reversal }) => [
          {
            kind: channel === 'settlement' ? ('settlement' as const) : ('trace' as const),
            ref: settlement ?? document,
          },
          ...(reversal === null ? [] : [{ kind: 'settlement' as const, ref: reversal.id }]),
        ]),
        reason: `not bought by ${own.graceHours} h after the sale`,
      },
    ];
  },
  due: (documents, reference, own) =>
    unbought(documents, own)
      .filter((sale) => uploads(reference, sale, own))
      .map((sale) => dueOf(sale, own.graceHours * 3_600_000)),
  awaits: (documents, reference, own) => {
    const missing = unbought(documents, own).filter((sale) => !uploads(reference, sale, own));
    return [...new Set(missing.map(({ institution }) => institution))].map((institution) => ({
      kind: 'purchases',
      institution,
    }));
  },
  month: monthClaim,
});

/** Sales, not undone by their deadline, of a box of which that institution has uploaded no purchase dated at or before them. */
function unbought(documents: readonly LaneEvent[], { graceHours }: Params): Sale[] {
  const purchases = documents.flatMap((d) => (d.kind === 'trace' && d.action === 'purchase' ? [d] : []));
  return allSales(documents).filter(({ institution, at, reversal, returnedAt }) => {
    const deadline = at + graceHours * 3_600_000;
    if ((reversal !== null && reversal.at <= deadline) || (returnedAt !== null && returnedAt <= deadline)) return false;
    return !purchases.some((bought) => bought.institution === institution && bought.eventTime <= at);
  });
}

function uploads(reference: LedgerReference, { institution, at }: Sale, { graceHours, uploadMonths }: Params): boolean {
  const seen = (month: string) => reference.purchasesSeen(institution, month);
  return isUploading(seen, at, graceHours * 3_600_000, uploadMonths);
}

/** Who did buy the box: where it may have come from. */
function boughtBy(documents: readonly LaneEvent[]): string[] {
  const buyers = documents.flatMap((d) => (d.kind === 'trace' && d.action === 'purchase' ? [d.institution] : []));
  return [...new Set(buyers)].sort();
}

function shown({ institution, at, settlement, line, item, channel, reversal }: Sale) {
  const undone = reversal === null ? {} : { reversed_by: reversal.id, reversed_at: isoShanghai(reversal.at) };
  return { institution, at: isoShanghai(at), settlement, line, item, channel, ...undone };
}
