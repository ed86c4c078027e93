// Look-alikes and histories as the evaluation relies on them: innocent, there at all, and the same for the same seed.
import { describe, expect, test } from 'vitest';
import { type CityOptions, createCity } from '../city/city.ts';
import { type Simulated, simulate } from '../life/simulate.ts';
import { GRACE_MS, HOUR_MS } from '../life/time.ts';

const SMALL: CityOptions = { hospitals: 2, clinics: 2, pharmacies: 10, nightFloor: 0.02, rate: 0.05 };
const FROM = Date.parse('2026-05-12T08:00:00+08:00');
const CAMERAS = { heartbeatMs: HOUR_MS, presenceMs: HOUR_MS };
const NOISE = { late: 0, veryLate: 0, repeated: 0, repeatedAnew: 0, contradicted: 0, malformed: 0 };

type Raw = Record<string, unknown>;

function live(only: string, hours = 10) {
  const items: Simulated[] = [
    ...simulate(createCity(3, SMALL), {
      from: FROM,
      to: FROM + hours * HOUR_MS,
      noise: NOISE,
      cameras: CAMERAS,
      patterns: { scale: 4, only: [only] },
    }),
  ];
  const events = items.flatMap((item) => (item.type === 'event' && item.event !== null ? [item.event as Raw] : []));
  const truths = items.flatMap((item) => (item.type === 'truth' ? [item.truth] : []));
  return { events, truths };
}

const ofPattern = (events: readonly Raw[], type: string) =>
  events.filter(({ event_type, setl_id }) => {
    const serial = Number(String(setl_id).slice(11, 16));
    return event_type === type && serial >= 10_000 && serial < 90_000;
  });
const linesOf = ({ feedetl }: Raw) =>
  (feedetl ?? []) as { med_list_codg: string; cnt: number; drug_trac_info: { drug_trac_codg: string }[] }[];
const clockOf = (text: unknown) =>
  Date.parse(String(text).includes('T') ? String(text) : `${String(text).replace(' ', 'T')}+08:00`);

describe('look-alikes of a code that belongs to another drug', () => {
  test('a renewed packaging is sold under a prefix that the catalogue holds, but not first', () => {
    const { events, truths } = live('innocent: renewed packaging');
    const sold = ofPattern(events, 'settlement').flatMap(linesOf);
    expect(sold.length).toBeGreaterThan(3);
    const drugs = new Map(
      events.flatMap((e) => (e.event_type === 'drug' ? [[e.med_list_codg, e.prefixes as { prefix: string }[]]] : [])),
    );
    for (const { med_list_codg, drug_trac_info } of sold) {
      const at = drugs
        .get(med_list_codg)
        ?.findIndex(({ prefix }) => drug_trac_info[0]?.drug_trac_codg.startsWith(prefix));
      expect(at).toBe(3);
    }
    expect(truths.filter(({ detector }) => detector === 'trace-product-mismatch')).toEqual([]);
  });

  test('an imported box has a prefix that no catalogue holds, and was bought', () => {
    const { events } = live('innocent: imported box');
    const codes = ofPattern(events, 'settlement').flatMap(
      (s) => linesOf(s)[0]?.drug_trac_info[0]?.drug_trac_codg ?? [],
    );
    const bought = new Set(events.flatMap((e) => (e.action === 'purchase' ? [e.drug_trac_codg] : [])));
    const known = events.flatMap((e) =>
      e.event_type === 'drug' ? (e.prefixes as { prefix: string }[]).map(({ prefix }) => prefix) : [],
    );
    expect(codes.length).toBeGreaterThan(3);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(known.some((prefix) => code.startsWith(prefix))).toBe(false);
    expect(codes.some((code) => bought.has(code))).toBe(true);
  });
});

describe('look-alikes of settling, returning and settling again', () => {
  test('goods that come back are not settled again', () => {
    const { events, truths } = live('innocent: returned goods');
    const [bills, back] = [ofPattern(events, 'settlement'), ofPattern(events, 'settlement_reversal')];
    expect(back.length).toBe(bills.length);
    for (const [, of] of Map.groupBy(bills, ({ psn_no }) => psn_no)) {
      const returned = back.filter(({ psn_no }) => psn_no === of[0]?.psn_no).map((e) => clockOf(e.event_time));
      expect(returned).toHaveLength(3);
      expect(Math.max(...of.map((e) => clockOf(e.event_time)))).toBeLessThan(Math.min(...returned));
    }
    expect(truths.filter(({ detector }) => detector === 'swipe-return-cycle')).toEqual([]);
  });

  test('a corrected bill has the same drug, fewer boxes, within minutes, once', () => {
    const { events } = live('innocent: corrected bills');
    const [bills, back] = [ofPattern(events, 'settlement'), ofPattern(events, 'settlement_reversal')];
    expect(back.length).toBeGreaterThan(2);
    expect(bills.length).toBe(back.length * 2);
    for (const [, of] of Map.groupBy(bills, (e) => `${e.psn_no} ${linesOf(e)[0]?.med_list_codg}`))
      expect(of.map((e) => linesOf(e)[0]?.cnt)).toEqual([2, 1]);
  });
});

test('orders during a stay keep to the pharmacy’s opening hours', () => {
  const { events } = live('visit-during-stay', 14);
  const hours = new Map(
    events.flatMap((e) => (e.event_type === 'institution' ? [[e.fixmedins_code, e.open_hours]] : [])),
  );
  const orders = ofPattern(events, 'settlement').filter(({ fixmedins_code }) => String(fixmedins_code).startsWith('P'));
  expect(orders.length).toBeGreaterThan(2);
  for (const { fixmedins_code, event_time } of orders) {
    const [opens, closes] = String(hours.get(fixmedins_code)).split('-');
    const clock = String(event_time).slice(11, 16);
    expect(clock >= (opens as string) && clock <= (closes as string)).toBe(true);
  }
});

describe('boxes never bought, sold before the window', () => {
  test('their deadlines lie within it, and none was bought', () => {
    const { events, truths } = live('trace-not-purchased');
    const bought = new Set(events.flatMap((e) => (e.action === 'purchase' ? [e.drug_trac_codg] : [])));
    const boxes = truths.filter(
      ({ detector, subject }) => detector === 'trace-not-purchased' && subject.kind === 'code',
    );
    expect(boxes.length).toBeGreaterThan(5);
    for (const { subject, window } of boxes) {
      expect(bought.has(subject.ref)).toBe(false);
      expect(clockOf(window.end) - clockOf(window.start)).toBe(GRACE_MS);
      expect(clockOf(window.end)).toBeGreaterThanOrEqual(FROM);
      expect(clockOf(window.end)).toBeLessThanOrEqual(FROM + 10 * HOUR_MS + 240_000);
    }
  });

  test('other patterns alone tell of none', () => {
    expect(live('innocent: herbal slices').truths.filter(({ subject }) => subject.kind === 'code')).toEqual([]);
  });

  test('same seed, same life', () => {
    expect(live('trace-not-purchased', 2)).toEqual(live('trace-not-purchased', 2));
  });
});
