// Raw trace feed: purchases, sales, returns, stocktakes and adjustments of drugs, by traceability code or batch.
import { z } from 'zod';
import { flag, institutionCode, optional, quantity, signedQuantity, text } from '../scalars.ts';
import { envelope } from './settlement.ts';

const common = {
  ...envelope,
  event_type: z.literal('trace'),
  fixmedins_code: institutionCode,
  med_list_codg: text(64),
  drug_trac_codg: optional(text(128)),
  fixmedins_bchno: optional(text(64)),
  setl_id: optional(text(64)),
  mdtrt_setl_type: optional(
    z.enum(['1', '2'], { error: 'expected 1 (insured) or 2 (self-paid)' }).or(z.literal(1)).or(z.literal(2)),
  ),
  trdn_flag: optional(flag),
  rx_flag: optional(flag),
  manu_lotnum: optional(text(128)),
  supplier: optional(text(256)),
};

export const TRACE_ACTIONS = ['purchase', 'purchase_return', 'sale', 'sale_return', 'stocktake', 'adjust'] as const;

const ACTION_ERROR = `expected ${TRACE_ACTIONS.join(', ')}`;

/** Quantities are above 0, except in `adjust`, where the sign says which way the stock moved. */
export const trace = z.discriminatedUnion(
  'action',
  [
    z.looseObject({ ...common, action: z.literal('adjust'), cnt: signedQuantity }),
    z.looseObject({
      ...common,
      action: z.enum(['purchase', 'purchase_return', 'sale', 'sale_return', 'stocktake']),
      cnt: quantity,
    }),
  ],
  { error: ACTION_ERROR },
);
