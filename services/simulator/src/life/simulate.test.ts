// The simulation as its readers rely on it: reproducible, in order of arrival, resumable, and ordinary life innocent.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type CityOptions, createCity } from '../city/city.ts';
import { type SimulatedEvent, type SimulateOptions, simulate } from './simulate.ts';
import { HOUR_MS } from './time.ts';

const SMALL: CityOptions = { hospitals: 3, clinics: 2, pharmacies: 10, nightFloor: 0.05, rate: 0.5 };
const FROM = Date.parse('2026-11-20T09:00:00+08:00');

function events(seed: number, options: Partial<SimulateOptions> = {}): SimulatedEvent[] {
  const all = simulate(createCity(seed, SMALL), { from: FROM, to: FROM + HOUR_MS, ...options });
  return [...all].filter((item): item is SimulatedEvent => item.type === 'event');
}

function fingerprint(list: readonly SimulatedEvent[]): string {
  const hash = createHash('sha256');
  for (const { arrivalMs, topic, event, bytes } of list)
    hash.update(`${arrivalMs} ${topic} ${event === null ? '' : JSON.stringify(event)}`).update(bytes ?? '');
  return hash.digest('hex');
}

const idsOf = (list: readonly SimulatedEvent[], type: string) =>
  new Set(list.flatMap(({ event }) => (event?.event_type === type ? [event.event_id] : [])));

describe('simulation', () => {
  test('same seed, same events; another seed, others', () => {
    expect(fingerprint(events(5))).toBe(fingerprint(events(5)));
    expect(fingerprint(events(5))).not.toBe(fingerprint(events(6)));
  });

  test('in order of arrival', () => {
    const arrivals = events(5).map(({ arrivalMs }) => arrivalMs);
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
  });

  test('noise changes no visit', () => {
    const loud = events(5, { noise: { late: 0.3, repeated: 0.2, malformed: 500 } });
    expect(idsOf(loud, 'settlement')).toEqual(
      idsOf(events(5, { noise: { contradicted: 0, repeatedAnew: 0 } }), 'settlement'),
    );
  });

  test('a later beginning tells the same visits', () => {
    const late = idsOf(events(5, { from: FROM + HOUR_MS / 2, history: false, patterns: { scale: 0 } }), 'settlement');
    const whole = idsOf(events(5, { patterns: { scale: 0 } }), 'settlement');
    expect(late.size).toBeGreaterThan(10);
    for (const id of late) expect(whole).toContain(id);
  });

  test('what was told already is left out, what was not is not', () => {
    const whole = events(5);
    const after = FROM + HOUR_MS / 2;
    expect(fingerprint(events(5, { after }))).toBe(fingerprint(whole.filter(({ arrivalMs }) => arrivalMs > after)));
  });

  test('a sparse past says nothing that a dense one does not', () => {
    const [sparse, dense] = [events(5, { sparseBefore: FROM + HOUR_MS }), events(5)];
    for (const type of ['heartbeat', 'presence']) {
      const [some, all] = [idsOf(sparse, type), idsOf(dense, type)];
      expect(some.size).toBeLessThan(all.size * 0.6);
      for (const id of some) expect(all).toContain(id);
    }
    expect(idsOf(sparse, 'identity_check')).toEqual(idsOf(dense, 'identity_check'));
  });

  test('an empty window is refused', () => {
    expect(() => [...simulate(createCity(1, SMALL), { from: FROM, to: FROM })]).toThrow(/from < to/);
  });
});

describe('ordinary life over twelve days', () => {
  const settlements: { person: string; at: number; fund: number; code: string; boxes: string[]; type: string }[] = [];
  const bought = new Map<string, number>();
  const at = (text: unknown) =>
    Date.parse(String(text).includes('T') ? String(text) : `${String(text).replace(' ', 'T')}+08:00`);
  const city = createCity(7, { ...SMALL, pharmacies: 14 });
  const noise = { late: 0, veryLate: 0, repeated: 0, repeatedAnew: 0, contradicted: 0, malformed: 0 };
  const cameras = { heartbeatMs: 3_600_000, presenceMs: 3_600_000 };
  for (const item of simulate(city, {
    from: FROM,
    to: FROM + 12 * 24 * HOUR_MS,
    noise,
    cameras,
    patterns: { scale: 0 },
  })) {
    if (item.type !== 'event' || item.event === null) continue;
    const { event } = item;
    if (event.event_type === 'trace' && event.action === 'purchase')
      bought.set(String(event.drug_trac_codg), at(event.event_time));
    if (event.event_type !== 'settlement' || event.med_type === '21') continue;
    const lines = (event.feedetl ?? []) as { drug_trac_info: { drug_trac_codg: string }[] }[];
    settlements.push({
      person: String(event.psn_no),
      at: at(event.event_time),
      fund: Number(event.fund_pay_sumamt),
      code: String(event.fixmedins_code),
      type: String(event.med_type),
      boxes: lines.flatMap(({ drug_trac_info }) => drug_trac_info.map(({ drug_trac_codg }) => drug_trac_codg)),
    });
  }

  test('nobody comes twice in three days', () => {
    const last = new Map<string, number>();
    const tooSoon: string[] = [];
    expect(settlements.length).toBeGreaterThan(2_000);
    for (const { person, at: now } of settlements.sort((a, b) => a.at - b.at)) {
      const before = last.get(person);
      if (before !== undefined && now - before < 36 * HOUR_MS) tooSoon.push(person);
      last.set(person, now);
    }
    expect(tooSoon).toEqual([]);
  });

  test('no box is sold twice, and each was bought before', { timeout: 60_000 }, () => {
    const sold = settlements.flatMap(({ boxes }) => boxes);
    expect(new Set(sold).size).toBe(sold.length);
    const uploads = new Set(city.institutions.filter((i) => i.uploadsPurchases).map(({ code }) => code));
    const unbought = settlements.flatMap(({ boxes, code, at: now }) =>
      uploads.has(code) ? boxes.filter((box) => !((bought.get(box) ?? Number.POSITIVE_INFINITY) < now)) : [],
    );
    expect(unbought).toEqual([]);
  });

  test('amounts stay below every limit', () => {
    expect(settlements.filter(({ fund, type }) => fund >= (type === '14' ? 1_500 : 500))).toEqual([]);
  });
});
