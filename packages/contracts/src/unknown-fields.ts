// What the contract does not name: kept for the archive, personal fields hashed or masked.
import type { Pseudonymiser } from './pseudonym.ts';

const ENVELOPE = ['event_id', 'event_type', 'event_time', 'source', 'fixmedins_code'];
const fields = (...names: string[]) => new Set([...ENVELOPE, ...names]);

/** Fields of each event that the contract names. */
export const KNOWN = {
  settlement: fields(
    'setl_id',
    'psn_no',
    'mdtrt_cert_type',
    'med_type',
    'medfee_sumamt',
    'fund_pay_sumamt',
    'insutype',
    'acct_pay',
    'psn_cash_pay',
    'dev_no',
    'opter',
    'mdtrt_id',
    'msgid',
    'mdtrtarea_admvs',
    'insuplc_admdvs',
    'begntime',
    'endtime',
    'diag_code',
    'rxno',
    'phar_code',
    'agent_flag',
    'feedetl',
  ),
  settlement_reversal: fields(
    'setl_id',
    'orig_setl_id',
    'omsgid',
    'psn_no',
    'medfee_sumamt',
    'fund_pay_sumamt',
    'refd_setl_flag',
    'msgid',
  ),
  identity_check: fields('device_id', 'result', 'method', 'psn_no', 'dev_no', 'similarity', 'evidence'),
  presence: fields('device_id', 'persons', 'dev_no', 'evidence'),
  staff_presence: fields('role', 'present', 'staff_code', 'device_id'),
  camera_status: fields('device_id', 'status'),
  heartbeat: fields('device_id'),
  trace: fields(
    'action',
    'med_list_codg',
    'cnt',
    'drug_trac_codg',
    'fixmedins_bchno',
    'setl_id',
    'mdtrt_setl_type',
    'trdn_flag',
    'rx_flag',
    'manu_lotnum',
    'supplier',
  ),
  institution: fields('name', 'kind', 'level', 'admdvs', 'grid', 'lon', 'lat', 'open_hours', 'counters'),
  budget: fields('year', 'quarter', 'amount', 'weights', 'index'),
  justification: fields('year', 'quarter', 'reason', 'approved_by', 'valid_until'),
  person_status: fields('psn_no', 'status', 'effective_at'),
  drug: fields('med_list_codg', 'name', 'rx_flag', 'pack_size', 'max_days', 'prefixes'),
};
/** Fields of a fee line that the contract names. */
export const LINE_KNOWN = new Set([
  'feedetl_sn',
  'med_list_codg',
  'cnt',
  'pric',
  'det_item_fee_sumamt',
  'med_list_name',
  'rx_flag',
  'prd_days',
  'fee_ocur_time',
  'trdn_flag',
  'drug_trac_info',
]);

/** Known fields of what is nested in an event; a fee line has its own list. */
const NESTED_KNOWN: Readonly<Record<string, ReadonlySet<string>>> = {
  evidence: new Set(['uri', 'sha256', 'starts_at', 'ends_at']),
  counters: new Set(['dev_no', 'device_id']),
  prefixes: new Set(['prefix', 'code_prefix', 'level']),
  drug_trac_info: new Set(['drug_trac_codg']),
};

/** What the contract does not name, personal fields hashed or masked; null when there is nothing. */
export function unknownFields(
  raw: object,
  known: ReadonlySet<string>,
  p: Pseudonymiser,
): Record<string, unknown> | null {
  const extra: [string, unknown][] = [];
  for (const name in raw) {
    const value = (raw as Record<string, unknown>)[name];
    if (known.has(name)) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(NESTED_KNOWN, name)) continue;
      const nested = nestedUnknown(value, NESTED_KNOWN[name] as ReadonlySet<string>, p);
      if (nested !== null) extra.push([name, nested]);
    } else extra.push([name, value]);
  }
  return extra.length === 0 ? null : p.mask(Object.fromEntries(extra));
}

function nestedUnknown(value: object, known: ReadonlySet<string>, p: Pseudonymiser): unknown {
  if (!Array.isArray(value)) return unknownFields(value, known, p);
  const each = value.map((item: object) => unknownFields(item, known, p));
  return each.every((item) => item === null) ? null : each;
}
