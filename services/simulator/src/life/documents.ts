// The events themselves, in the national interface's field names: settlements, reversals, trace events, checks.
import { yuan } from '@yunjian/contracts';
import type { Drug } from '../city/catalogue.ts';
import type { Counter, Institution } from '../city/city.ts';
import { psnNo } from '../city/persons.ts';
import { CITY_CODE } from '../city/places.ts';
import type { RawObject } from './noise.ts';
import { compact, compactDay, iso, localDay, pos } from './time.ts';

export interface BilledLine {
  drug: Drug;
  /** Boxes, or with `split` smallest units. */
  count: number;
  days: number;
  codes: readonly string[];
  split?: boolean;
}

export interface Settled {
  institution: Institution;
  /** Null: an order, or a ward: no terminal. */
  counter: Counter | null;
  /** ms */
  at: number;
  /** Serial of the institution's day, 5 digits. */
  serial: number;
  person: number;
  certificate: '01' | '02' | '03';
  medType: string;
  lines: readonly BilledLine[];
  agent?: boolean;
  /** false: prescription drugs are sold without a number. */
  prescription?: boolean;
  tourist?: boolean;
  diagnosis?: string;
  begin?: number;
  end?: number;
  /** fen, in place of what the lines sum to */
  fund?: number;
}

export interface SettledEvent {
  event: RawObject;
  /** setl_id */
  id: string;
  /** fen */
  total: number;
  fund: number;
}

/** setl_id: unique in the city. */
export function settlementId({ index }: Institution, at: number, serial: number): string {
  return `${compactDay(localDay(at))}${String(index).padStart(3, '0')}${String(serial).padStart(5, '0')}`;
}

/** The code of the n-th box of a visit: one box, one code, by construction. */
export function boxCode(drug: Drug, { index }: Institution, day: number, serial: number, n: number): string {
  const place = String(index).padStart(3, '0');
  return `${drug.prefixes[0]}${place}${String(day % 10_000).padStart(4, '0')}${String(serial).padStart(5, '0')}${n % 10}`;
}

const FUND_SHARE = 0.7;

export function settlementEvent(s: Settled): SettledEvent {
  const id = settlementId(s.institution, s.at, s.serial);
  const feedetl = s.lines.map((line, i) => feeLine(s.institution, line, i + 1, s.at));
  const total =
    s.fund === undefined ? s.lines.reduce((sum, line) => sum + lineFen(line), 0) : Math.round(s.fund / FUND_SHARE);
  const fund = s.fund ?? Math.round(total * FUND_SHARE);
  const account = Math.round((total - fund) / 2);
  const rx = s.prescription !== false && s.lines.some(({ drug }) => drug.prescription);
  const event: RawObject = {
    event_id: `s-${id}`,
    event_type: 'settlement',
    event_time: s.institution.kind === 'pharmacy' ? pos(s.at) : iso(s.at),
    source: `${s.institution.kind === 'pharmacy' ? 'pos' : 'his'}-${s.institution.code}`,
    fixmedins_code: s.institution.code,
    setl_id: id,
    psn_no: psnNo(s.person),
    mdtrt_cert_type: s.certificate,
    med_type: s.medType,
    medfee_sumamt: yuan(total),
    fund_pay_sumamt: yuan(fund),
    acct_pay: yuan(account),
    psn_cash_pay: yuan(total - fund - account),
    insutype: s.person % 2 === 0 ? '310' : '390',
    mdtrt_id: `M${id}`,
    msgid: messageId(s.institution, s.at, s.serial),
    mdtrtarea_admvs: s.institution.district.code,
    insuplc_admdvs: s.tourist === true ? '310100' : CITY_CODE,
    opter: `${s.institution.code.slice(-5)}${s.counter === null ? '00' : s.counter.terminal.slice(-2)}`,
  };
  if (s.counter !== null) event.dev_no = s.counter.terminal;
  if (s.agent === true) event.agent_flag = 1;
  if (rx) {
    event.rxno = `RX${id}`;
    event.phar_code = `HY${s.institution.code.slice(1)}1`;
  }
  if (s.diagnosis !== undefined) event.diag_code = s.diagnosis;
  if (s.begin !== undefined) event.begntime = iso(s.begin);
  if (s.end !== undefined) event.endtime = iso(s.end);
  if (feedetl.length > 0) event.feedetl = feedetl;
  return { event, id, total, fund };
}

function messageId({ code }: Institution, at: number, serial: number): string {
  return `${code}${compact(at)}${String(serial % 10_000).padStart(4, '0')}`;
}

function lineFen({ drug, count, split }: BilledLine): number {
  return split === true ? Math.round((drug.price * count) / drug.packSize) : drug.price * count;
}

/** Every fourth institution's bills leave it to the catalogue whether a drug is on prescription. */
function feeLine({ index }: Institution, line: BilledLine, n: number, at: number) {
  const { drug, count, days, codes, split } = line;
  const unit = split === true ? drug.price / drug.packSize : drug.price;
  return {
    feedetl_sn: String(n),
    med_list_codg: drug.code,
    med_list_name: drug.name,
    cnt: count,
    pric: (unit / 100).toFixed(4),
    det_item_fee_sumamt: yuan(lineFen(line)),
    ...(index % 4 === 1 ? {} : { rx_flag: drug.prescription ? 1 : 0 }),
    prd_days: days,
    fee_ocur_time: pos(at),
    trdn_flag: split === true ? 1 : 0,
    drug_trac_info: codes.map((drug_trac_codg) => ({ drug_trac_codg })),
  };
}

/** A reversal of a settlement, under a setl_id of its own. */
export function reversalEvent(s: Settled, { id, total, fund }: SettledEvent, at: number): RawObject {
  return {
    event_id: `v-${id}`,
    event_type: 'settlement_reversal',
    event_time: s.institution.kind === 'pharmacy' ? pos(at) : iso(at),
    source: `${s.institution.kind === 'pharmacy' ? 'pos' : 'his'}-${s.institution.code}`,
    fixmedins_code: s.institution.code,
    setl_id: `${id}R`,
    orig_setl_id: id,
    psn_no: psnNo(s.person),
    medfee_sumamt: yuan(-total),
    fund_pay_sumamt: yuan(-fund),
    refd_setl_flag: 1,
  };
}

export interface Moved {
  institution: Institution;
  action: 'purchase' | 'purchase_return' | 'sale' | 'sale_return' | 'stocktake' | 'adjust';
  drug: Drug;
  at: number;
  code: string | null;
  count?: number;
  /** Settlement of an insured sale; null: self-paid or no sale. */
  setlId?: string | null;
  split?: boolean;
  /** Tells two documents about one code apart. */
  mark?: string;
}

export function traceEvent(m: Moved): RawObject {
  const sale = m.action === 'sale' || m.action === 'sale_return';
  const event: RawObject = {
    event_id: `t-${m.action.charAt(0)}${m.action.length}-${m.code ?? m.drug.index}-${m.mark ?? m.institution.index}`,
    event_type: 'trace',
    event_time: pos(m.at),
    source: `stock-${m.institution.code}`,
    fixmedins_code: m.institution.code,
    action: m.action,
    med_list_codg: m.drug.code,
    cnt: m.count ?? 1,
    fixmedins_bchno: `B${m.institution.code.slice(-5)}${compactDay(localDay(m.at))}`,
    rx_flag: m.drug.prescription ? 1 : 0,
    manu_lotnum: `L${m.drug.index}${localDay(m.at) % 1000}`,
  };
  if (m.code !== null) event.drug_trac_codg = m.code;
  if (sale) {
    event.mdtrt_setl_type = m.setlId == null ? '2' : '1';
    event.trdn_flag = m.split === true ? 1 : 0;
  } else event.supplier = '江苏鲁安医药物流有限公司';
  if (m.setlId != null) event.setl_id = m.setlId;
  return event;
}

export interface Checked {
  counter: Counter & { camera: string };
  /** By the camera's clock, ms. */
  at: number;
  /** Null: the check names nobody. */
  person: number | null;
  result: 'passed' | 'failed';
  method: 'face' | 'id_card' | 'e_voucher' | 'manual';
  /** Tells the checks of one visit apart. */
  id: string;
}

export function checkEvent({ counter, at, person, result, method, id }: Checked): RawObject {
  const event: RawObject = {
    event_id: `c-${id}`,
    event_type: 'identity_check',
    event_time: iso(at),
    source: 'video-platform',
    fixmedins_code: counter.institution.code,
    device_id: counter.camera,
    dev_no: counter.terminal,
    result,
    method,
    similarity: result === 'passed' ? 0.93 : 0.41,
  };
  if (person !== null) event.psn_no = psnNo(person);
  return event;
}
