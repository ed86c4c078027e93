// Events of a made-up city, cheap to make in any number: what its counters and cameras send, in the proportions of a busy day.
// A visit is an identity check, a customer seen at the counter, a settlement with its fee lines and codes, and two heartbeats.
import { quarterOf } from '@yunjian/contracts';

export interface RawEvent {
  event_type: string;
  event_id: string;
  event_time: string;
  source: string;
  fixmedins_code: string;
  [field: string]: unknown;
}

/** Pharmacies and hospitals of a prefecture-level city, after the Zhenjiang source. */
const PHARMACIES = 507;
const HOSPITALS = 60;
const INSTITUTIONS = PHARMACIES + HOSPITALS;
const PERSONS = 300_000;
const ITEMS = 200;
/** Events of one visit: a fifth are settlements. */
export const EVENTS_PER_VISIT = 5;
/** One visit in this many has no identity check. */
const UNCHECKED = 200;

/** People that a camera sees: at thirty times the density of a city there is a crowd at every counter. */
const CROWD = 30;

/** Hospitals of the probe: each crosses its quarter's schedule once. */
export const PROBE_HOSPITALS = 1_000;

const pharmacyOf = (n: number) => `P3211${String(2_000_001 + n).padStart(7, '0')}`;
const hospitalOf = (n: number) => `H3211${String(2_000_001 + n).padStart(7, '0')}`;
const probeHospital = (n: number) => `H3211${String(9_000_001 + n).padStart(7, '0')}`;
const institutionOf = (n: number) => (n < PHARMACIES ? pharmacyOf(n) : hospitalOf(n - PHARMACIES));
const deviceOf = (n: number) => `32110200001320${String(n).padStart(6, '0')}`;
const itemOf = (n: number) => `XA02BCA0${String(n).padStart(5, '0')}0100483`;
const isoAt = (at: number) => new Date(at).toISOString();

/** Institutions with a camera at their counter, drugs, and budgets too large to be crossed, but for the probe's hospitals. */
export function referenceEvents(at: number): RawEvent[] {
  const { year, quarter } = quarterOf(at);
  const event_time = isoAt(at - 86_400_000);
  const about = (event_type: string, fixmedins_code: string, fields: object): RawEvent => ({
    event_type,
    event_id: `${event_type}-${fixmedins_code}`,
    event_time,
    source: 'bench-registry',
    fixmedins_code,
    ...fields,
  });
  const institution = (code: string, counters: object[]) =>
    about('institution', code, {
      name: code,
      kind: code.startsWith('H') ? 'hospital' : 'pharmacy',
      grid: ['镇江市', '京口区', '大市口街道', '网格01'],
      counters,
      // Round the clock: what is measured does not depend on the hour at which it is.
      open_hours: '00:00-24:00',
    });
  const budget = (code: string, amount: number) => about('budget', code, { year, quarter, amount });
  const all: RawEvent[] = [];
  for (let n = 0; n < INSTITUTIONS; n++)
    all.push(institution(institutionOf(n), [{ dev_no: 'D1', device_id: deviceOf(n) }]));
  for (let n = 0; n < HOSPITALS; n++) all.push(budget(hospitalOf(n), 900_000_000));
  for (let n = 0; n < PROBE_HOSPITALS; n++)
    all.push(institution(probeHospital(n), []), budget(probeHospital(n), 1_000));
  for (let n = 0; n < ITEMS; n++)
    all.push({
      ...about('drug', '321100', { med_list_codg: itemOf(n), name: `drug ${n}`, pack_size: 24, rx_flag: 0 }),
      event_id: `drug-${n}`,
    });
  return all;
}

/** @param at event time of the settlement, ms; everything else of the visit lies in the 20 s before it. */
export function visitEvents(visit: number, at: number): { settlement: RawEvent; seen: RawEvent[] } {
  const place = (visit * 7919) % INSTITUTIONS;
  const fixmedins_code = institutionOf(place);
  const person = `32110219${String((visit * 104_729) % PERSONS).padStart(10, '0')}`;
  const device_id = deviceOf(place);
  const camera = (event_type: string, n: number, ageMs: number, fields: object): RawEvent => ({
    event_type,
    event_id: `${event_type}-${visit}-${n}`,
    event_time: isoAt(at - ageMs),
    source: 'bench-camera',
    fixmedins_code,
    device_id,
    ...fields,
  });
  const check = camera('identity_check', 0, 15_000, {
    result: 'passed',
    method: 'face',
    psn_no: person,
    dev_no: 'D1',
    similarity: 0.97,
    evidence: { uri: `s3://evidence/bench/${visit}`, sha256: SHA256, starts_at: isoAt(at - 16_000) },
  });
  const presence = (n: number, ageMs: number) => camera('presence', n, ageMs, { persons: CROWD, dev_no: 'D1' });
  return {
    settlement: settlementEvent(`S${visit}`, fixmedins_code, person, at, linesOf(visit, place < PHARMACIES)),
    seen: [
      visit % UNCHECKED === 0 ? presence(1, 15_000) : check,
      presence(0, 10_000),
      camera('heartbeat', 0, 20_000, {}),
      camera('heartbeat', 1, 0, {}),
    ],
  };
}

const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** One to three lines; a pharmacy scans a code for each. */
function linesOf(visit: number, coded: boolean): object[] {
  return Array.from({ length: 1 + (visit % 3) }, (_, i) => ({
    feedetl_sn: String(i + 1),
    med_list_codg: itemOf((visit + i * 31) % ITEMS),
    cnt: 1,
    pric: 12.3,
    det_item_fee_sumamt: 12.3,
    rx_flag: 0,
    ...(coded ? { drug_trac_info: [{ drug_trac_codg: codeOf(visit * 3 + i) }] } : {}),
  }));
}

const codeOf = (n: number) => `81${String(n).padStart(18, '0')}`;

function settlementEvent(id: string, fixmedins_code: string, person: string, at: number, feedetl: object[]): RawEvent {
  return {
    event_type: 'settlement',
    event_id: id,
    event_time: isoAt(at),
    source: 'bench-pos',
    fixmedins_code,
    setl_id: id,
    psn_no: person,
    mdtrt_cert_type: '02',
    med_type: '41',
    insutype: '310',
    medfee_sumamt: 36.9,
    fund_pay_sumamt: 30.12,
    dev_no: 'D1',
    opter: 'o1',
    feedetl,
  };
}

/** A settlement that takes a probe hospital far past its schedule, and the subject of the alert. */
export function crossing(n: number, at: number): { event: RawEvent; subject: string } {
  const hospital = probeHospital(n % PROBE_HOSPITALS);
  const event = settlementEvent(`B${n}`, hospital, `b${n}`, at, []);
  const { year, quarter } = quarterOf(at);
  return {
    event: { ...event, medfee_sumamt: 5_000, fund_pay_sumamt: 5_000 },
    subject: `${hospital}/${year}Q${quarter}`,
  };
}

/** A box sold twice: the first sale, the second at another pharmacy, and the subject of the alert. */
export function soldTwice(n: number, at: number): { first: RawEvent; second: RawEvent; subject: string } {
  const subject = `82${String(n).padStart(18, '0')}`;
  const line = { feedetl_sn: '1', med_list_codg: itemOf(0), cnt: 1, pric: 9.9, det_item_fee_sumamt: 9.9 };
  const lines = [{ ...line, drug_trac_info: [{ drug_trac_codg: subject }] }];
  return {
    first: settlementEvent(`C${n}a`, pharmacyOf(n % PHARMACIES), `c${n}a`, at - 1_000, lines),
    second: settlementEvent(`C${n}b`, pharmacyOf((n + 1) % PHARMACIES), `c${n}b`, at, lines),
    subject,
  };
}
