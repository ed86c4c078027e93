// Raw settlement feed: settlements with their fee lines and trace codes, and reversals, in the national interface's field names.
import { z } from 'zod';
import {
  amount,
  flag,
  instant,
  instantOrDate,
  institutionCode,
  integer,
  optional,
  quantity,
  reversedAmount,
  text,
  unitPrice,
} from '../scalars.ts';

/** The fields every event has. `event_time` → ms since the epoch. */
export const envelope = {
  event_id: text(64),
  event_time: instant,
  source: text(64),
};

export const evidence = z.looseObject({
  uri: optional(text(2048)),
  sha256: optional(text(128)),
  starts_at: optional(instant),
  ends_at: optional(instant),
});

export const feeLine = z.looseObject({
  feedetl_sn: text(64),
  med_list_codg: text(64),
  cnt: quantity,
  pric: unitPrice,
  det_item_fee_sumamt: amount,
  med_list_name: optional(text(512)),
  rx_flag: optional(flag),
  prd_days: optional(integer(0, 3650)),
  fee_ocur_time: optional(instantOrDate),
  trdn_flag: optional(flag),
  drug_trac_info: optional(z.array(z.looseObject({ drug_trac_codg: text(128) }))),
});

export const settlement = z.looseObject({
  ...envelope,
  event_type: z.literal('settlement'),
  fixmedins_code: institutionCode,
  setl_id: text(64),
  psn_no: text(64),
  mdtrt_cert_type: z.enum(['01', '02', '03'], {
    error: 'expected 01 (e-voucher), 02 (ID card) or 03 (social-security card)',
  }),
  med_type: text(16),
  medfee_sumamt: amount,
  fund_pay_sumamt: amount,
  insutype: optional(text(16)),
  acct_pay: optional(amount),
  psn_cash_pay: optional(amount),
  dev_no: optional(text(64)),
  opter: optional(text(64)),
  mdtrt_id: optional(text(64)),
  msgid: optional(text(64)),
  mdtrtarea_admvs: optional(text(16)),
  insuplc_admdvs: optional(text(16)),
  begntime: optional(instantOrDate),
  endtime: optional(instantOrDate),
  diag_code: optional(text(64)),
  rxno: optional(text(128)),
  phar_code: optional(text(64)),
  agent_flag: optional(flag),
  feedetl: optional(z.array(feeLine)),
});

export const settlementReversal = z
  .looseObject({
    ...envelope,
    event_type: z.literal('settlement_reversal'),
    fixmedins_code: institutionCode,
    setl_id: text(64),
    orig_setl_id: optional(text(64)),
    omsgid: optional(text(64)),
    psn_no: text(64),
    medfee_sumamt: reversedAmount,
    fund_pay_sumamt: reversedAmount,
    refd_setl_flag: optional(flag),
    msgid: optional(text(64)),
  })
  .check((ctx) => {
    if (ctx.value.orig_setl_id === null && ctx.value.omsgid === null)
      ctx.issues.push({
        code: 'custom',
        path: ['orig_setl_id'],
        message: 'expected orig_setl_id, or omsgid in its place, got neither',
        input: ctx.value,
      });
    if (ctx.value.refd_setl_flag === false)
      ctx.issues.push({
        code: 'custom',
        path: ['refd_setl_flag'],
        message: 'expected 1 in a reversal, got 0',
        input: ctx.value,
      });
  })
  .meta({ anyOf: [named('orig_setl_id'), named('omsgid')] });

/** For the generated JSON Schema: the field is there, and not empty. */
function named(field: string) {
  return { properties: { [field]: { type: 'string', minLength: 1 } }, required: [field] };
}
