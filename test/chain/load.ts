// A seeded load of a small town: what a chain test sends, in an order of its own, with repeats, late ones and rubbish among it.

export type RawEvent = Record<string, unknown>;

const PHARMACIES = Array.from({ length: 6 }, (_, i) => `P3211000000${i}`);
const HOSPITALS = ['H32110000001', 'H32110000002'];
const DRUG = 'XR05CBA198A001010100863';
const MINUTE = 60_000;
/** Time between two records of a camera. */
export const BEAT_MS = 20_000;

function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of several loads that follow one another: documents of its own, cameras from where those before it left off. */
export interface Wave {
  /** Counts from 1. */
  number: number;
  /** ms; cameras have spoken until then. */
  livedUntil: number;
}

/**
 * Lines for POST /v1/events: settlements of the last half hour, all of whose judgements are due soon after they were sent.
 * @param now ms; cameras live until then
 */
export function townLoad(
  seed: number,
  now: number,
  settlements: number,
  wave?: Wave,
): { reference: string[]; lines: string[] } {
  const own = wave === undefined ? '' : `${wave.number}.`;
  const boxes = `81${String(wave?.number ?? 234_567).padStart(6, '0')}`;
  const random = seeded(seed);
  const int = (n: number) => Math.floor(random() * n);
  const iso = (ms: number) => new Date(ms).toISOString();
  let n = 0;
  const event = (fixmedins_code: string, at: number, event_type: string, own: RawEvent): RawEvent => ({
    event_id: `e${seed}-${n++}`,
    source: 'town',
    event_time: iso(at),
    fixmedins_code,
    event_type,
    ...own,
  });
  const camera = (shop: string) => `32110000001320${shop.slice(-6)}`;
  const { year, quarter } = quarterNow(now);

  const reference = [
    ...PHARMACIES.map((shop) =>
      event(shop, now - 1440 * MINUTE, 'institution', {
        name: shop,
        kind: 'pharmacy',
        grid: ['city'],
        counters: [{ dev_no: 'D1', device_id: camera(shop) }],
      }),
    ),
    ...HOSPITALS.map((shop) =>
      event(shop, now - 1440 * MINUTE, 'institution', { name: shop, kind: 'hospital', grid: ['city'] }),
    ),
    ...HOSPITALS.map((shop) => event(shop, now - 1440 * MINUTE, 'budget', { year, quarter, amount: 5000 })),
    event('BUREAU', now - 1440 * MINUTE, 'drug', { med_list_codg: DRUG, name: 'drug', pack_size: 10 }),
  ];

  const life: RawEvent[] = [];
  for (const [i, shop] of PHARMACIES.entries())
    for (let at = wave === undefined ? now - 45 * MINUTE : wave.livedUntil + BEAT_MS; at <= now; at += BEAT_MS) {
      const gap = i % 3 === 0 && (wave === undefined ? at > now - 20 * MINUTE && at < now - 14 * MINUTE : isGap(at));
      if (!gap) life.push(event(shop, at, 'heartbeat', { device_id: camera(shop) }));
    }

  const acts: RawEvent[] = [];
  for (let i = 0; i < settlements; i++) {
    const shop =
      random() < 0.8 ? (PHARMACIES[int(PHARMACIES.length)] as string) : (HOSPITALS[int(HOSPITALS.length)] as string);
    const at = now - 30 * MINUTE + int(24 * 60) * 1000;
    const person = `person-${int(settlements)}`;
    const code = `${boxes}${String(int(settlements * 3)).padStart(12, '0')}`;
    const fund = Number((random() * 60).toFixed(2));
    const settlement = event(shop, at, 'settlement', {
      setl_id: `S${own}${i}`,
      msgid: `M${own}${i}`,
      psn_no: person,
      dev_no: shop.startsWith('P') ? 'D1' : null,
      mdtrt_cert_type: '02',
      med_type: '41',
      medfee_sumamt: fund,
      fund_pay_sumamt: fund,
      agent_flag: random() < 0.1 ? 1 : 0,
      feedetl: [
        {
          feedetl_sn: '1',
          med_list_codg: DRUG,
          cnt: 1,
          pric: 1,
          det_item_fee_sumamt: 1,
          drug_trac_info: random() < 0.5 ? [{ drug_trac_codg: code }] : [],
        },
      ],
    });
    acts.push(settlement);
    if (random() < 0.7 && shop.startsWith('P'))
      acts.push(
        event(shop, at - int(500) * 1000, 'identity_check', {
          device_id: camera(shop),
          result: random() < 0.9 ? 'passed' : 'failed',
          method: 'face',
          ...(random() < 0.8 ? { psn_no: person } : {}),
        }),
      );
    if (random() < 0.1)
      acts.push(
        event(shop, at + int(300) * 1000, 'settlement_reversal', {
          setl_id: `R${own}${i}`,
          psn_no: person,
          medfee_sumamt: -fund,
          fund_pay_sumamt: -fund,
          ...(random() < 0.5 ? { orig_setl_id: `S${own}${i}` } : { omsgid: `M${own}${i}` }),
        }),
      );
    if (random() < 0.2)
      acts.push(
        event(shop, at + 1000, 'trace', {
          action: 'sale',
          med_list_codg: DRUG,
          cnt: 1,
          drug_trac_codg: code,
          setl_id: `S${own}${i}`,
        }),
      );
    if (random() < 0.1) acts.push({ ...settlement, event_id: `again-${own}${i}` });
  }
  for (let i = acts.length - 1; i > 0; i--) {
    const j = int(i + 1);
    [acts[i], acts[j]] = [acts[j] as RawEvent, acts[i] as RawEvent];
  }
  const lines = [...life.map((e) => JSON.stringify(e)), ...acts.map((e) => JSON.stringify(e))];
  for (let i = 0; i < 20; i++)
    lines.splice(
      int(lines.length),
      0,
      i % 2 === 0
        ? '{"event_type":"settlement"'
        : JSON.stringify({ event_type: 'settlement', event_id: `bad-${own}${i}` }),
    );
  return { reference: reference.map((e) => JSON.stringify(e)), lines };
}

/** Where waves follow one another every third camera is silent for five minutes of twenty, whoever asks and when. */
function isGap(at: number): boolean {
  return Math.floor(at / MINUTE) % 20 < 5;
}

function quarterNow(now: number): { year: number; quarter: number } {
  const local = new Date(now + 8 * 3_600_000);
  return { year: local.getUTCFullYear(), quarter: Math.floor(local.getUTCMonth() / 3) + 1 };
}
