// What the wall's API tells of a box from purchase to sale, and of a person: pages of events in the national interface's field names.
import { z } from 'zod';

const isoInstant = z.iso.datetime({ offset: true });
const settlementRef = z.object({ setl_id: z.string(), event_time: isoInstant });

const boxLine = z.object({
  feedetl_sn: z.string(),
  med_list_codg: z.string(),
  /** In packs, or smallest units where split. */
  cnt: z.number(),
  trdn_flag: z.union([z.literal(0), z.literal(1)]),
});

/** One event of a box. A sale that came in the settlement and as an upload is one event with both channels. */
const boxEvent = z.object({
  event_time: isoInstant,
  action: z.enum(['purchase', 'purchase_return', 'sale', 'sale_return', 'stocktake', 'adjust', 'reversal']),
  fixmedins_code: z.string(),
  /** Of a reversal its own. */
  setl_id: z.string().nullable(),
  channels: z.array(z.enum(['settlement', 'upload'])),
  lines: z.array(boxLine),
  cnt: z.number().nullable(),
  fixmedins_bchno: z.string().nullable(),
  manu_lotnum: z.string().nullable(),
  supplier: z.string().nullable(),
  /** True insured, false self-paid. */
  insured: z.boolean().nullable(),
  /** Of a sale: `counted` as trace-repeated counts it, or why not; of anything else null. */
  status: z.enum(['counted', 'reversed', 'returned', 'superseded']).nullable(),
  /** Of a sale the reversal that undid it, of a reversal the settlement that it undid. */
  counterpart: z.string().nullable(),
});
export type BoxEvent = z.infer<typeof boxEvent>;

export const boxLife = z.object({
  code: z.string(),
  /** Whether the code has the published form of a 码上放心 code. */
  verified_form: z.boolean(),
  med_list_codg: z.string().nullable(),
  name: z.string().nullable(),
  /** Sales less returns and reversals, each line one. */
  net_sales: z.int().min(0),
  /** A code with more records than are read is no box: the first are told. */
  truncated: z.boolean(),
  /** Oldest first. */
  events: z.array(boxEvent),
  next_cursor: z.string().nullable(),
});
export type BoxLife = z.infer<typeof boxLife>;

const personLine = z.object({
  feedetl_sn: z.string(),
  med_list_codg: z.string(),
  med_list_name: z.string().nullable(),
  cnt: z.number(),
  det_item_fee_sumamt: z.string(),
  prd_days: z.number().nullable(),
  drug_trac_codg: z.array(z.string()),
});

const personEvent = z.discriminatedUnion('event_type', [
  z.object({
    event_type: z.literal('settlement'),
    event_time: isoInstant,
    fixmedins_code: z.string(),
    setl_id: z.string(),
    med_type: z.string(),
    medfee_sumamt: z.string(),
    fund_pay_sumamt: z.string(),
    begntime: isoInstant.nullable(),
    endtime: isoInstant.nullable(),
    diag_code: z.string().nullable(),
    rxno: z.string().nullable(),
    dev_no: z.string().nullable(),
    agent_flag: z.union([z.literal(0), z.literal(1)]),
    lines: z.array(personLine),
    reversed_by: settlementRef.nullable(),
  }),
  z.object({
    event_type: z.literal('settlement_reversal'),
    event_time: isoInstant,
    fixmedins_code: z.string(),
    setl_id: z.string(),
    medfee_sumamt: z.string(),
    fund_pay_sumamt: z.string(),
    /** The settlement that it undoes; null when that has not been seen. */
    reverses: settlementRef.nullable(),
  }),
  z.object({
    event_type: z.literal('person_status'),
    event_time: isoInstant,
    status: z.enum(['deceased', 'suspended', 'active']),
    effective_at: isoInstant,
  }),
]);
export type PersonEvent = z.infer<typeof personEvent>;

export const personHistory = z.object({
  /** The pseudonym; nothing here says who it is. */
  person: z.string(),
  /** The one that holds: of the latest event time. */
  status: z.enum(['deceased', 'suspended', 'active']).nullable(),
  /** Over the whole history: settlements that stand, and what the fund paid for them, reversals taken off. */
  net: z.object({ settlements: z.int().min(0), fund_pay_sumamt: z.string() }),
  truncated: z.boolean(),
  /** Newest first. */
  events: z.array(personEvent),
  next_cursor: z.string().nullable(),
});
export type PersonHistory = z.infer<typeof personHistory>;
