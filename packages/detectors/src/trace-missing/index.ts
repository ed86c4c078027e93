// trace-missing: a fee line of a drug that needs a traceability code and has none.
import { type FeeLine, isoShanghai, parseLocalDate, type Reversal, type Settlement, yuan } from '@yunjian/contracts';
import { defineLedgerRule, type LedgerReference } from '@yunjian/detection';
import { z } from 'zod';
import { carriesCode, codedDrugs } from '../coded-drugs.ts';
import { WARD_TYPES } from '../treatment.ts';

const params = z.object({
  from: z.iso
    .date()
    .default('2025-07-01')
    .describe(
      'First day, Asia/Shanghai, on which nothing settles without a scan. Source: national rule of 2025-07-01 (domain.md §2).',
    ),
  ...codedDrugs,
  inpatient: z
    .array(z.string())
    .default([...WARD_TYPES])
    .describe(
      'Kinds of visit (med_type) whose split packs are exempt: inpatient, single disease, day ward, delivery. Source: domain.md §1 and §2.',
    ),
});
type Params = z.output<typeof params>;

/** Lines beyond these are counted, not listed. */
const MOST_SHOWN = 100;

export const detector = defineLedgerRule({
  id: 'trace-missing',
  lane: 'institution',
  inputs: ['settlement', 'reversal', 'trace', 'drug'],
  params,
  level: 3,
  claimsAbsence: false,
  texts: {
    title: { zh: '应扫码未扫码', en: 'Drug settled without a traceability code' },
    explanation: {
      zh: '结算明细中有应当采集追溯码的药品,却没有任何追溯码。中药饮片、配方颗粒、住院拆零以及机构盘点申报过的无码库存除外。',
      en: 'The bill has a drug that must be scanned, and no code for it. Herbal slices, granules, split packs of inpatients, and uncoded stock that the institution has declared by a stocktake are exempt.',
    },
    measures: [
      { zh: '要求机构说明原因并规范扫码', en: 'Have the institution explain and scan from now on' },
      { zh: '抽查实物与进销存', en: 'Check boxes and stock records on the spot' },
      { zh: '对未扫码结算的费用不予支付', en: 'Refuse payment for what was settled without a scan' },
    ],
    basis: {
      zh: '国家医保局等四部门《关于加强药品追溯码在医疗保障和工伤保险领域采集应用的通知》:2025-07-01 起无码不结算,2026-01-01 起全量采集',
      en: 'Joint notice of four national authorities on collecting drug traceability codes: no settlement without a scan since 2025-07-01, full collection since 2026-01-01',
    },
    runbook: {
      zh: '看“事实”中的明细:药品、数量、金额。若属无码库存,由机构上传不带追溯码的盘点(日期不晚于结算)后系统自动撤销;若该药品按规定无需赋码,在规则参数中登记。',
      en: 'See the lines in the facts: drug, quantity, amount. If it is uncoded stock, the institution uploads a stocktake without codes (dated no later than the settlement) and the alert withdraws by itself; if the drug needs no code, enter it in the rule’s parameters.',
    },
  },
  claims: (documents, reference, own) => {
    const settlement = documents.find((d): d is Settlement => d.kind === 'settlement');
    if (settlement === undefined) return [];
    const reversal = earliest(documents.filter((d): d is Reversal => d.kind === 'reversal'));
    if (reversal !== null && reversal.eventTime <= settlement.eventTime) return [];
    const { institution, settlementId, eventTime } = settlement;
    const lines = uncoded(settlement, reference, own).filter((line) => !isDeclared(settlement, line, reference));
    if (lines.length === 0) return [];
    const undone =
      reversal === null ? {} : { reversed_by: reversal.settlementId, reversed_at: isoShanghai(reversal.eventTime) };
    return [
      {
        subject: { kind: 'settlement', ref: settlementId },
        institution,
        anchor: settlementId,
        window: { start: eventTime, end: eventTime },
        eventTime,
        amount: settlement.fund,
        facts: {
          lines_without_code: lines.length,
          lines_amount: yuan(lines.reduce((sum, { amount }) => sum + amount, 0)),
          lines: lines.slice(0, MOST_SHOWN).map(shown),
          med_type: settlement.medicalType,
          ...undone,
        },
        evidence: [settlementId, ...(reversal === null ? [] : [reversal.settlementId])].map((ref) => ({
          kind: 'settlement' as const,
          ref,
        })),
        reason: `${lines.length} line(s) without a code`,
      },
    ];
  },
  awaits: (documents, reference, own) => {
    const settlement = documents.find((d): d is Settlement => d.kind === 'settlement');
    if (settlement === undefined) return [];
    const open = uncoded(settlement, reference, own).filter((line) => !isDeclared(settlement, line, reference));
    const { institution } = settlement;
    return [...new Set(open.map(({ item }) => item))].map((item) => ({ kind: 'uncoded' as const, institution, item }));
  },
});

/** Lines of drugs that need a code and have none. */
function uncoded(settlement: Settlement, reference: LedgerReference, own: Params): FeeLine[] {
  const from = parseLocalDate(own.from);
  if (from === undefined || settlement.eventTime < from) return [];
  const inpatient = own.inpatient.includes(settlement.medicalType);
  return settlement.cold
    .get()
    .lines.filter(
      (line) =>
        line.codes.length === 0 &&
        !(line.split && inpatient) &&
        carriesCode(line, reference.drug(line.item) !== null, own),
    );
}

function isDeclared({ institution, eventTime }: Settlement, { item }: FeeLine, reference: LedgerReference): boolean {
  const since = reference.uncodedSince(institution, item);
  return since !== null && since <= eventTime;
}

function earliest(reversals: readonly Reversal[]): Reversal | null {
  return reversals.reduce<Reversal | null>(
    (best, r) => (best === null || r.eventTime < best.eventTime ? r : best),
    null,
  );
}

function shown({ line, item, name, count, amount, split }: FeeLine) {
  return { line, item, name, count: count / 10_000, amount: yuan(amount), split };
}
