// What happens in a simulated city, and when each event is sent: two pharmacies with cameras, a hospital with a budget, some boxes of
// one drug. One seed gives one list; leaving events out changes none of the others.
import { localDay, quarterDays, quarterOf } from '@yunjian/contracts';
import { type Random, random } from '../../../services/alerting/src/testing/scheduler.ts';

export interface Sending {
  /** Instant at which it is sent first, ms. */
  at: number;
  event: Record<string, unknown>;
}

export interface City {
  /** ms */
  start: number;
  /** When the last event has happened, ms; what is sent later is late. */
  end: number;
  sendings: Sending[];
  /** Nobody in it is late: what is claimed and taken back is our own doing. */
  prompt: boolean;
}

export const PHARMACIES = ['P32110000001', 'P32110000002'] as const;
const HOSPITAL = 'H32110000001';
const DRUG = 'XR05CBA198A001010100863';
const CODES = ['81234567890123456789', '81234567890123456780'];
const CAMERAS = {
  P32110000001: ['32110000001320000001', '32110000001320000002'],
  P32110000002: ['32110000001320000003'],
};
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 86_400_000;
/** An ordinary morning; a minute before a quarter's day on which warnings begin; midnight; the end of a quarter. */
const STARTS = [
  '2026-11-20T10:00:00+08:00',
  '2026-11-20T10:00:00+08:00',
  '2026-10-09T23:58:00+08:00',
  '2026-11-20T23:57:30+08:00',
  '2026-12-31T23:58:00+08:00',
].map((text) => Date.parse(text));

class Making {
  readonly random: Random;
  readonly start: number;
  readonly prompt: boolean;
  readonly sendings: Sending[] = [];
  #n = 0;

  constructor(seed: number) {
    this.random = random(seed ^ 0x5eed);
    this.start = this.pick(STARTS);
    this.prompt = this.chance(0.25);
  }

  between(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1));
  }
  chance(probability: number): boolean {
    return this.random() < probability;
  }
  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }

  /** Mostly at once, sometimes late, seldom very late. */
  delay(): number {
    const kind = this.random();
    if (kind < 0.75 || this.prompt) return this.between(20, 2500);
    return kind < 0.93 ? this.between(3, 90) * SECOND : this.between(90, 200) * SECOND;
  }

  /** Every event has an instant of its own, so that no claim rests on which of two comes first. */
  send(event_type: string, time: number, fields: Record<string, unknown>, delay = this.delay()): Sending {
    const n = this.#n++;
    const event = {
      event_id: `e${n}`,
      event_type,
      event_time: new Date(Math.floor(time / SECOND) * SECOND + (n % SECOND)).toISOString(),
      source: 'city',
      ...fields,
    };
    const sending = { at: Math.max(this.start, time) + delay, event };
    this.sendings.push(sending);
    return sending;
  }
}

export function cityOf(seed: number): City {
  const making = new Making(seed);
  const { start } = making;
  const end = start + 5 * MINUTE;
  register(making);
  lives(making, end);
  counters(making);
  hospital(making);
  boxes(making);
  repeats(making);
  making.sendings.sort((a, b) => a.at - b.at);
  return { start, end, sendings: making.sendings, prompt: making.prompt };
}

function register(making: Making): void {
  for (const code of PHARMACIES) {
    const counters = CAMERAS[code].map((device_id, i) => ({ dev_no: `D${i + 1}`, device_id }));
    const fields = { fixmedins_code: code, name: 'n', kind: 'pharmacy', counters };
    making.send(
      'institution',
      making.start - DAY,
      fields,
      making.chance(0.85) || making.prompt ? 30 : making.between(0, 200) * SECOND,
    );
    if (making.chance(0.15))
      making.send('institution', making.start + making.between(0, 240) * SECOND, {
        ...fields,
        counters: counters.slice(making.between(0, 1)),
      });
  }
  making.send('institution', making.start - DAY, { fixmedins_code: HOSPITAL, name: 'h', kind: 'hospital' }, 50);
}

/** Cameras speak from ten minutes before the start, which arrives at once; some fall silent, run fast or come late. */
function lives(making: Making, end: number): void {
  for (const code of PHARMACIES)
    for (const device_id of CAMERAS[code]) {
      const every = making.pick([40, 50, 58]) * SECOND;
      const shift = making.between(0, every);
      const from = making.start - 11 * MINUTE + shift;
      const gap = making.chance(0.35) ? making.between(-600, 280) * SECOND : null;
      const silence = making.between(20, 200) * SECOND;
      const fast = making.chance(0.2) ? making.between(-60, 200) * SECOND : null;
      const lateness =
        making.chance(0.2) && !making.prompt ? making.between(10, 180) * SECOND : making.between(20, 1500);
      for (let t = from; t <= end; t += every) {
        const since = t - making.start;
        if (gap !== null && since >= gap && since < gap + silence) continue;
        const ahead = fast !== null && since >= fast && since < fast + 2 * MINUTE ? 290 * SECOND : 0;
        const sent = making.send('heartbeat', t + ahead, { fixmedins_code: code, device_id }, 0);
        sent.at = Math.max(making.start, t) + lateness;
      }
      if (making.chance(0.2)) {
        const at = making.start + making.between(-300, 280) * SECOND;
        making.send('camera_status', at, {
          fixmedins_code: code,
          device_id,
          status: making.pick(['offline', 'blocked']),
        });
        if (making.chance(0.7))
          making.send('camera_status', at + making.between(5, 120) * SECOND, {
            fixmedins_code: code,
            device_id,
            status: 'online',
          });
      }
    }
}

function counters(making: Making): void {
  for (let n = making.between(4, 8); n > 0; n--) {
    const code = making.pick(PHARMACIES);
    const at = making.start + (making.chance(0.06) ? -3 * 3_600_000 : making.between(-60, 165) * SECOND);
    const id = `S${n}`;
    const psn_no = `p${making.between(1, 3)}`;
    const dev_no = making.chance(0.8) ? `D${making.between(1, CAMERAS[code].length)}` : null;
    const fund = making.pick([50, 999.99, 1000]);
    making.send('settlement', at, {
      ...{ fixmedins_code: code, setl_id: id, msgid: `M${id}`, psn_no, dev_no, med_type: '41' },
      mdtrt_cert_type: making.chance(0.9) ? '02' : '01',
      agent_flag: making.chance(0.1) ? 1 : 0,
      ...{ medfee_sumamt: fund, fund_pay_sumamt: fund },
      feedetl: making.chance(0.4) ? [line(making)] : [],
    });
    if (making.chance(0.45))
      making.send('identity_check', at + making.between(-620, 130) * SECOND, {
        ...{ fixmedins_code: code, device_id: making.pick(CAMERAS[code]), method: 'face' },
        psn_no: making.chance(0.6) ? (making.chance(0.8) ? psn_no : 'p9') : null,
        result: making.chance(0.85) ? 'passed' : 'failed',
      });
    if (making.chance(0.2)) reverse(making, code, id, at + making.between(5, 240) * SECOND, fund);
    if (making.chance(0.25) && !making.prompt) lateCheck(making, code, at, psn_no);
  }
}

/** A check that excuses what stands by then. */
function lateCheck(making: Making, code: keyof typeof CAMERAS, at: number, psn_no: string): void {
  const time = at + making.between(-300, 100) * SECOND;
  const fields = {
    fixmedins_code: code,
    device_id: making.pick(CAMERAS[code]),
    method: 'id_card',
    psn_no,
    result: 'passed',
  };
  making.send('identity_check', time, fields).at = Math.max(making.start, at) + making.between(130, 290) * SECOND;
}

function reverse(making: Making, fixmedins_code: string, of: string, at: number, fund: number): void {
  const sent = making.send('settlement_reversal', at, {
    ...{ fixmedins_code, setl_id: `R${of}`, psn_no: 'p1', medfee_sumamt: -fund, fund_pay_sumamt: -fund },
    ...(making.chance(0.3) ? { omsgid: `M${of}` } : { orig_setl_id: of }),
  });
  if (making.chance(0.3) && !making.prompt)
    sent.at = Math.max(sent.at, making.start + making.between(120, 420) * SECOND);
}

/** Spending around the tiers of a budget that comes, changes and is excused at any time. */
function hospital(making: Making): void {
  const { first, total } = quarterDays(quarterOf(making.start));
  const share = (localDay(making.start) - first + 1) / total;
  const { year, quarter } = quarterOf(making.start);
  let spent = 0;
  for (let n = making.between(3, 7); n > 0; n--) {
    const fund = making.between(50, 200);
    spent += fund;
    const at = making.start + making.between(0, 270) * SECOND;
    const id = `H${n}`;
    making.send('settlement', at, {
      ...{ fixmedins_code: HOSPITAL, setl_id: id, msgid: `M${id}`, psn_no: `p${n}`, mdtrt_cert_type: '02' },
      ...{ med_type: '11', medfee_sumamt: fund, fund_pay_sumamt: fund },
    });
    if (making.chance(0.2)) reverse(making, HOSPITAL, id, at + making.between(5, 200) * SECOND, fund);
  }
  for (let n = making.between(1, 3); n > 0; n--) {
    const amount = Math.round(spent / share / making.pick([1.0, 1.05, 1.101, 1.11, 1.15, 1.201, 1.21, 1.3])) + 1;
    making.send('budget', making.start + making.between(-60, making.pick([10, 250])) * SECOND, {
      ...{ fixmedins_code: HOSPITAL, year, quarter, amount },
      ...(making.chance(0.3) ? { weights: [0.5, 0.3, 0.2] } : {}),
    });
  }
  if (making.chance(0.25))
    making.send('justification', making.start + making.between(0, 250) * SECOND, {
      ...{ fixmedins_code: HOSPITAL, year, quarter, reason: 'r', approved_by: 'a' },
      ...(making.chance(0.5)
        ? { valid_until: new Date(making.start + making.between(-1, 1) * DAY).toISOString() }
        : {}),
    });
}

function line(making: Making): Record<string, unknown> {
  const split = making.chance(0.3);
  return {
    ...{ feedetl_sn: '1', med_list_codg: DRUG, cnt: split ? making.pick([5, 10]) : 1, pric: 1, det_item_fee_sumamt: 1 },
    ...{ trdn_flag: split ? 1 : 0, drug_trac_info: [{ drug_trac_codg: making.pick(CODES) }] },
  };
}

/** Old orders without a terminal and uploads carry codes over days; returns, reversals and the catalogue come whenever they come. */
function boxes(making: Making): void {
  for (let n = making.between(2, 6); n > 0; n--) {
    const fixmedins_code = making.pick(PHARMACIES);
    const at = making.start - making.between(0, 12 * 24) * 3_600_000 - making.between(1, 3000) * SECOND;
    const code = making.pick(CODES);
    const kind = making.random();
    const wait = making.between(0, 260) * SECOND;
    if (kind < 0.45) {
      making.send(
        'settlement',
        at,
        {
          ...{ fixmedins_code, setl_id: `O${n}`, msgid: `MO${n}`, psn_no: 'p', mdtrt_cert_type: '01', med_type: '41' },
          ...{ medfee_sumamt: 1, fund_pay_sumamt: 1, feedetl: [line(making)] },
        },
        wait,
      );
      if (making.chance(0.4)) {
        reverse(making, fixmedins_code, `O${n}`, at + 60 * SECOND, 1);
        (making.sendings.at(-1) as Sending).at = making.start + making.between(0, 280) * SECOND;
      }
    } else {
      const fields = { fixmedins_code, med_list_codg: DRUG, cnt: 1, drug_trac_codg: code };
      const by = making.chance(0.4)
        ? { setl_id: `O${making.between(1, 6)}` }
        : { fixmedins_bchno: `B${making.between(1, 3)}` };
      if (kind < 0.8) making.send('trace', at, { ...fields, action: 'sale', ...by }, wait);
      else making.send('trace', at, { ...fields, action: 'sale_return', fixmedins_bchno: `B${n}` }, wait);
    }
  }
  if (making.chance(0.4))
    making.send('drug', making.start, {
      fixmedins_code: 'BUREAU',
      med_list_codg: DRUG,
      name: 'd',
      pack_size: making.pick([10, 20]),
    });
}

/** Some documents are sent again, some with another content, which loses. */
function repeats(making: Making): void {
  for (const { at, event } of [...making.sendings]) {
    const often = event.event_type === 'heartbeat' ? 0.02 : 0.12;
    if (!making.chance(often)) continue;
    const again = { ...event };
    if (making.chance(0.5)) again.event_id = `again-${event.event_id}`;
    if (event.event_type === 'settlement' && making.chance(0.25)) again.fund_pay_sumamt = 77;
    making.sendings.push({ at: at + (making.prompt ? 1500 : making.between(5, 200) * SECOND), event: again });
  }
}
