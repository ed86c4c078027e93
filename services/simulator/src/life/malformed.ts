// Events that no contract knows: each is refused for a reason of its own, and stops nothing.
import type { City } from '../city/city.ts';
import { concern, mix, Random } from '../city/random.ts';
import type { Stage } from './stage.ts';
import { HOUR_MS, iso } from './time.ts';

const MALFORMED = concern('malformed');
const encoder = new TextEncoder();
const DAY_MS = 86_400_000;

type Spoil = (good: Record<string, unknown>, at: number) => string | Uint8Array;

const json = (change: (good: Record<string, unknown>, at: number) => Record<string, unknown>): Spoil => {
  return (good, at) => JSON.stringify({ ...good, ...change(good, at) });
};

const SPOILS: readonly Spoil[] = [
  (good) => JSON.stringify(good).slice(0, 120),
  () => 'null',
  () => '"settlement"',
  () => new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
  json(() => ({ setl_id: undefined })),
  json(() => ({ event_type: 'settlment' })),
  json(() => ({ fixmedins_code: 'X123' })),
  json(() => ({ medfee_sumamt: 12.345 })),
  json(() => ({ fund_pay_sumamt: -20 })),
  json(() => ({ psn_no: 42 })),
  json(() => ({ mdtrt_cert_type: '09' })),
  json(() => ({ opter: 'a\u0000b' })),
  json((_, at) => ({ event_time: iso(at + 2 * HOUR_MS) })),
  json((_, at) => ({ event_time: iso(at - 500 * DAY_MS) })),
  json(() => ({ event_time: '2026-13-45 25:61:00' })),
  json(() => ({ opter: 'x'.repeat(65 * 1024) })),
];

/** Sends malformed settlements of [from, until), ms, at a rate an hour. */
export function liveMalformed(stage: Stage, city: City, from: number, until: number, perHour: number): void {
  const random = new Random(mix(city.seed, MALFORMED, Math.floor(from / 1000)));
  const count = random.poisson((perHour * (until - from)) / HOUR_MS);
  for (let i = 0; i < count; i++) {
    const at = Math.floor(random.between(from, until) / 1000) * 1000;
    const institution = random.pick(city.institutions);
    const id = `bad-${institution.index}-${at / 1000}-${i}`;
    const good = {
      event_id: id,
      event_type: 'settlement',
      event_time: iso(at),
      source: `pos-${institution.code}`,
      fixmedins_code: institution.code,
      setl_id: id,
      psn_no: '32110000000000',
      mdtrt_cert_type: '01',
      med_type: '41',
      medfee_sumamt: '10.00',
      fund_pay_sumamt: '7.00',
    };
    const spoilt = random.pick(SPOILS)(good, at);
    stage.putBytes('settlement', typeof spoilt === 'string' ? encoder.encode(spoilt) : spoilt, at + 1_000);
  }
}
