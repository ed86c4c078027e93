// trace-product-mismatch: the box that was scanned is not the drug that was billed, or no pack that is sold by itself.
import { isoShanghai } from '@yunjian/contracts';
import { type CodeOwner, defineLedgerRule } from '@yunjian/detection';
import { z } from 'zod';
import { allSales, codeOf, isVerifiedForm, type Sale } from '../code-sales.ts';

const params = z.object({
  singleLevel: z
    .int()
    .min(1)
    .max(3)
    .default(1)
    .describe(
      'Highest level of packing that is sold by itself: 1 the box, 2 the carton, 3 the case. Source: the 码上放心 prefix differs by packaging level (domain.md §2).',
    ),
});

/** A code billed more often than this is a dummy: its first and its last sale are shown, as many as fit a record of the log. */
const MOST_SHOWN = 400;

export const detector = defineLedgerRule({
  id: 'trace-product-mismatch',
  lane: 'code',
  inputs: ['codeSale', 'trace', 'codeReversed', 'drug'],
  params,
  level: 2,
  claimsAbsence: false,
  texts: {
    title: { zh: '追溯码与结算药品不符', en: 'Scanned box is not the drug billed' },
    explanation: {
      zh: '扫描的追溯码按前缀属于另一种药品,或属于不单独销售的中包装、大包装,而医保结算的是这一行的药品:可能以非医保药品、其他商品串换。',
      en: 'By its prefix the scanned code belongs to another drug than the one billed to the fund, or to a carton or case that is not sold by itself: another product may have been handed out in its place.',
    },
    measures: [
      {
        zh: '调取销售小票与监控录像,核对实际售出药品',
        en: 'Compare the till receipt and the video with what was handed out',
      },
      { zh: '追回串换药品对应的医保基金', en: 'Recover what the fund paid for the substituted drug' },
      { zh: '按串换药品立案处理', en: 'Open a case for substitution of drugs' },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条、第三十八条(串换药品);2025-07-01 起无码不结算',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 15 and 38 (substitution of drugs); since 2025-07-01 no settlement without a scan',
    },
    runbook: {
      zh: '看“事实”中的结算药品编码与追溯码所属药品:若目录中的前缀有误,更正药品目录后系统自动撤销(48 小时内的销售会重新判定);若属实,按证据中的结算号调取票据。前缀不在目录中的追溯码不会产生预警。',
      en: 'Compare the drug billed with the drug that the code belongs to, both in the facts. If the catalogue’s prefix is wrong, correct the catalogue: sales of the last 48 hours are judged again and the alert withdraws. Otherwise fetch the receipts of the settlements in the evidence. A code whose prefix is unknown raises nothing.',
    },
  },
  claims: (documents, reference, { singleLevel }, about = () => true) => {
    const sales = allSales(documents).filter(isBilled);
    if (sales.length === 0) return [];
    const code = codeOf(documents);
    const owners = reference.codeOwners(code);
    const wrong =
      owners.length === 0
        ? []
        : sales.filter((sale) => about(sale.institution) && !isSold(owners, sale.item, singleLevel));
    const [first, last] = [wrong[0], wrong[wrong.length - 1]];
    if (first === undefined || last === undefined) return [];
    const listed = wrong.length <= MOST_SHOWN ? wrong : [...wrong.slice(0, MOST_SHOWN - 1), last];
    const otherDrug = wrong.some(({ item }) => !owners.some((owner) => owner.item === item));
    return [
      {
        subject: { kind: 'code', ref: code },
        institution: last.institution,
        anchor: null,
        window: { start: first.at, end: last.at },
        eventTime: last.at,
        amount: null,
        facts: {
          differs: otherDrug ? 'drug' : 'level',
          billed: [...new Set(wrong.map(({ item }) => item))],
          code_belongs_to: owners.map(({ item, level }) => ({ item, level })),
          institutions: [...new Set(wrong.map(({ institution }) => institution))],
          sales: listed.map(shown),
          ...(listed.length < wrong.length ? { sales_not_listed: wrong.length - listed.length } : {}),
          verified_form: isVerifiedForm(code),
        },
        evidence: listed.flatMap(({ settlement, reversal }) =>
          [settlement as string, ...(reversal === null ? [] : [reversal.id])].map((ref) => ({
            kind: 'settlement' as const,
            ref,
          })),
        ),
        reason: otherDrug ? 'the code belongs to another drug' : 'the code marks a pack that is not sold by itself',
      },
    ];
  },
});

/** Paid by the fund: a self-paid sale has no fee line. What was reversed by the time of its settlement never happened. */
function isBilled({ settlement, at, reversal }: Sale): boolean {
  return settlement !== null && (reversal === null || reversal.at > at);
}

function isSold(owners: readonly CodeOwner[], item: string, singleLevel: number): boolean {
  return owners.some((owner) => owner.item === item && owner.level <= singleLevel);
}

function shown({ institution, at, settlement, line, item, channel, reversal }: Sale) {
  const undone = reversal === null ? {} : { reversed_by: reversal.id, reversed_at: isoShanghai(reversal.at) };
  return { institution, at: isoShanghai(at), settlement, line, item, channel, ...undone };
}
