// A small random evening at one pharmacy's two tills: cards, people before the cameras, pharmacists, a catalogue and registrations that come
// when they like.
import fc from 'fast-check';
import { BASE, type Raw } from './institution-world.ts';

const INSTITUTION = 'P32110000001';
const CAMERAS = ['32110000001320000001', '32110000001320000002'];
/** Times are seconds behind half past eight; the shop shuts at nine. */
export const OPENED = BASE + 10.5 * 3_600_000;
const iso = (second: number) => new Date(OPENED + second * 1000).toISOString();

const second = fc.integer({ min: 0, max: 3600 });
/** Most are busy minutes, before closing and after it, so that cards and people meet. */
const busy = fc.oneof(second, ...[0, 2680].map((min) => fc.integer({ min, max: min + 400 })));
const delay = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 5 }) },
  { weight: 2, arbitrary: fc.integer({ min: 5, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 300, max: 7000 }) },
);
const terminal = fc.constantFrom('D1', 'D1', 'D1', 'D1', 'D2', null);
const device = fc.constantFrom(...CAMERAS);

const settlement = fc.record({
  kind: fc.constant('settlement' as const),
  at: busy,
  delay,
  person: fc.constantFrom('p1', 'p2', 'p3', 'p4'),
  terminal,
  certificate: fc.constantFrom('01', '02'),
  agent: fc.constantFrom(0, 0, 0, 0, 0, 0, 1),
  type: fc.constantFrom('41', '41', '41', '14', '13', '21', '26'),
  fund: fc.constantFrom(200, 250.01, 500, 500.01, 1500.01),
  /** rx_flag of its line: as the bill says, null: it does not; no line at all. */
  flag: fc.constantFrom(0, 1, null, undefined),
  number: fc.constantFrom(null, 'RX1'),
  /** Another document of it, which contradicts it, and may bring a prescription. */
  again: fc.option(fc.record({ delay, number: fc.constantFrom(null, 'RX2') }), { freq: 3 }),
  back: fc.option(fc.record({ after: fc.constantFrom(0, 1, 60, 61, 300, 301), delay }), { freq: 1 }),
});
const presence = fc.record({
  kind: fc.constant('presence' as const),
  at: busy,
  delay,
  device,
  terminal: fc.constantFrom(null, 'D1'),
  persons: fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 3),
});
const staff = fc.record({
  kind: fc.constant('staff' as const),
  at: second,
  delay,
  role: fc.constantFrom('pharmacist', 'pharmacist', 'pharmacist', 'doctor'),
  present: fc.constantFrom(0, 1),
  code: fc.constantFrom(null, 'A', 'B'),
});
const status = fc.record({
  kind: fc.constant('status' as const),
  at: second,
  delay,
  device,
  status: fc.constantFrom('online', 'offline', 'tampered'),
});
const drug = fc.record({ kind: fc.constant('drug' as const), at: second, delay, flag: fc.constantFrom(0, 1) });
const registration = fc.record({
  kind: fc.constant('registration' as const),
  at: busy,
  delay,
  hours: fc.constantFrom('08:00-21:00', '08:00-22:00', null),
  category: fc.constantFrom('pharmacy', 'pharmacy', 'clinic', 'hospital'),
  cameras: fc.constantFrom([0, 1], [0, 0], [1, 0], [0, null]),
});
const silence = fc.option(fc.tuple(second, fc.integer({ min: 30, max: 300 })), { freq: 1 });

export const evening = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 9, arbitrary: settlement },
        { weight: 5, arbitrary: presence },
        { weight: 2, arbitrary: staff },
        { weight: 1, arbitrary: status },
        { weight: 1, arbitrary: drug },
        { weight: 1, arbitrary: registration },
      ),
      { minLength: 2, maxLength: 36, size: 'max' },
    ),
    fc.constantFrom<number[]>([], [], [], [0], [1]),
    silence,
  )
  .map(([items, dark, gap]) => {
    const raws: Raw[] = [];
    const add = (at: number, late: number, event_type: string, fields: Record<string, unknown>) => {
      const known = { event_id: `e${raws.length}`, source: 'x', fixmedins_code: INSTITUTION, ...fields };
      raws.push({ arrival: OPENED + (at + late) * 1000, event: { ...known, event_type, event_time: iso(at) } });
    };
    register(add, { at: -40_000, delay: 0, hours: '08:00-21:00', category: 'pharmacy', cameras: [0, 1] });
    for (const [i, camera] of CAMERAS.entries())
      for (let s = -900; s <= 4600 && !dark.includes(i); s += 30)
        if (gap === null || s < gap[0] || s >= gap[0] + gap[1]) add(s, 1, 'heartbeat', { device_id: camera });
    for (const [i, item] of items.entries()) {
      const { at, delay: late } = item;
      switch (item.kind) {
        case 'settlement':
          settle(add, item, i);
          break;
        case 'presence':
          add(at, late, 'presence', { device_id: item.device, dev_no: item.terminal, persons: item.persons });
          break;
        case 'staff':
          add(at, late, 'staff_presence', { role: item.role, present: item.present, staff_code: item.code });
          break;
        case 'status':
          add(at, late, 'camera_status', { device_id: item.device, status: item.status });
          break;
        case 'drug':
          add(at, late, 'drug', { med_list_codg: 'X1', name: 'n', rx_flag: item.flag });
          break;
        case 'registration':
          register(add, item);
      }
    }
    return raws.sort((a, b) => a.arrival - b.arrival);
  });

type Add = (at: number, late: number, type: string, fields: Record<string, unknown>) => void;

function settle(add: Add, item: Omit<typeof settlement extends fc.Arbitrary<infer T> ? T : never, 'kind'>, i: number) {
  const amount = { medfee_sumamt: item.fund, fund_pay_sumamt: item.fund };
  const line = { feedetl_sn: '1', med_list_codg: 'X1', cnt: 1, pric: 1, det_item_fee_sumamt: 1, rx_flag: item.flag };
  const fields = {
    ...amount,
    setl_id: `S${i}`,
    psn_no: item.person,
    dev_no: item.terminal,
    mdtrt_cert_type: item.certificate,
    med_type: item.type,
    agent_flag: item.agent,
    rxno: item.number,
    feedetl: item.flag === undefined ? [] : [line],
  };
  add(item.at, item.delay, 'settlement', fields);
  if (item.again !== null) {
    const { delay: late, number } = item.again;
    add(item.at, late, 'settlement', { ...fields, rxno: number, medfee_sumamt: 9999, psn_no: 'p9', dev_no: 'D2' });
  }
  if (item.back === null) return;
  add(item.at + item.back.after, item.back.delay, 'settlement_reversal', {
    setl_id: `R${i}`,
    orig_setl_id: `S${i}`,
    psn_no: item.person,
    medfee_sumamt: -item.fund,
    fund_pay_sumamt: -item.fund,
  });
}

function register(
  add: Add,
  {
    at,
    delay: late,
    hours,
    category,
    cameras,
  }: Omit<typeof registration extends fc.Arbitrary<infer T> ? T : never, 'kind'>,
) {
  add(at, late, 'institution', {
    name: 'n',
    kind: category,
    open_hours: hours,
    counters: cameras.map((camera, i) => ({
      dev_no: `D${i + 1}`,
      device_id: camera === null ? null : CAMERAS[camera],
    })),
  });
}
