// stock-mismatch: more of a drug was settled than the institution ever had to sell.
import { isoShanghai, localDate, localDay, yuan } from '@yunjian/contracts';
import { defineLedgerRule, type StockBalance } from '@yunjian/detection';
import { z } from 'zod';
import { carriesCode, codedDrugs } from '../coded-drugs.ts';
import { monthOf, monthStart, monthsBetween, UPLOADING_MONTHS } from '../purchase-months.ts';

const ONE = 10_000;

const params = z.object({
  units: z
    .number()
    .min(0)
    .default(1)
    .describe(
      'Packs by which settled quantity may exceed the stock, itself included. Source: the supervisors’ list, 1 unit.',
    ),
  amount: z
    .number()
    .min(0)
    .default(100)
    .describe('Value of the excess that is still let pass, itself included, yuan. Source: domain.md §4, ¥100.'),
  uploadMonths: z.int().min(0).max(12).default(3).describe(UPLOADING_MONTHS),
  ...codedDrugs,
});

export const detector = defineLedgerRule({
  id: 'stock-mismatch',
  lane: 'institution',
  inputs: ['settlement', 'reversal', 'trace', 'drug'],
  params,
  level: 2,
  claimsAbsence: true,
  texts: {
    title: { zh: '进销存不符(疑似虚记多记)', en: 'More settled than was ever in stock' },
    explanation: {
      zh: '自上次盘点(没有盘点的,自机构开始上传采购)以来,该机构某一药品的医保结算数量超过期初库存加采购、减退货、加减调整、减其他销售后的可售数量,超出 1 盒以上且价值超过 100 元:多出的部分可能从未售出。',
      en: 'Since the last stocktake (without one, since the institution has uploaded purchases) more of a drug was settled with the fund than opening stock, purchases, returns, adjustments and other sales leave, by more than one pack and ¥100: the rest may never have been sold.',
    },
    measures: [
      { zh: '现场盘点该药品,核对采购票据', en: 'Count the drug on the spot and check the purchase papers' },
      { zh: '追回虚记多记部分的医保基金', en: 'Recover what was billed and never sold' },
      { zh: '按虚构药品服务立案处理', en: 'Open a case for fictitious billing' },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十五条、第三十八条、第四十条;进销存上传 3501–3506',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 15, 38 and 40; stock uploads 3501–3506',
    },
    runbook: {
      zh: '逐项核对“事实”中的期初、采购、退货、调整、其他销售和结算数量。若有采购未上传,补传后自动撤销;若账实不符,由机构上传盘点(3501),自盘点起重新累计。机构不上传采购的,不作判断。',
      en: 'Go through opening stock, purchases, returns, adjustments, other sales and settled quantity in the facts. If purchases were not uploaded, uploading them withdraws the alert; if the books are wrong, the institution uploads a stocktake (3501) and counting starts anew. An institution that uploads no purchases is not judged.',
    },
  },
  claims: () => [],
  stock: {
    // Not by the catalogue, which changes: what was counted must be taken off again by the same measure.
    isKept: (line, own) => carriesCode(line, false, own),
    uploading: (purchases, { uploadMonths }) => {
      const latest = purchases[purchases.length - 1];
      if (latest === undefined) return null;
      let first = latest;
      for (const earlier of purchases.toReversed()) {
        if (monthsBetween(earlier.month, first.month) > uploadMonths + 1) break;
        first = earlier;
      }
      return { from: first.day, stocktakesFrom: monthStart(first.month, -uploadMonths), until: latest.month };
    },
    claim: (stock, { units, amount, uploadMonths }) => {
      const { institution, item, uploading, last, settled, settledAmount, from } = stock;
      if (uploading === null || last === null || settled <= 0) return null;
      if (monthsBetween(uploading.until, monthOf(last.at)) > uploadMonths) return null;
      const available = availableOf(stock);
      const excess = settled - available;
      if (excess <= units * ONE) return null;
      const value = Math.round((settledAmount * Math.min(excess, settled)) / settled);
      if (value <= amount * 100) return null;
      return {
        subject: { kind: 'institution', ref: `${institution}/${item}` },
        institution,
        anchor: null,
        window: { start: from, end: last.at },
        eventTime: last.at,
        amount: value,
        facts: {
          item,
          excess: excess / ONE,
          settled: settled / ONE,
          settled_amount: yuan(settledAmount),
          available: available / ONE,
          opening: stock.opening === null ? null : stock.opening / ONE,
          purchased: stock.purchased / ONE,
          purchase_returned: stock.purchaseReturned / ONE,
          adjusted: stock.adjusted / ONE,
          sold_otherwise: stock.sold / ONE,
          returned: stock.returned / ONE,
          counted_from: isoShanghai(from),
          uploads_purchases_since: localDate(localDay(uploading.from)),
        },
        evidence: [{ kind: 'settlement', ref: last.settlement }],
        reason: `settled ${settled / ONE}, available ${available / ONE}`,
      };
    },
  },
});

function availableOf(stock: StockBalance): number {
  const { opening, purchased, purchaseReturned, adjusted, sold, returned } = stock;
  return (opening ?? 0) + purchased - purchaseReturned + adjusted - sold + returned;
}
