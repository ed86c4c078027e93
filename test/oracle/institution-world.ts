// A small random world of one or two institutions, and the institution lane run over it in any order of arrival.
import {
  createPseudonymiser,
  decodeLane,
  encodeLane,
  FEEDS,
  type Feed,
  type Finding,
  type LaneEvent,
  parseRawEvent,
  toModel,
  type YunjianEvent,
} from '@yunjian/contracts';
import { checkpointed, InstitutionLane, type ShadowReport } from '@yunjian/detection';
import { detectors } from '@yunjian/detectors';
import fc from 'fast-check';

export const BASE = Date.parse('2026-11-20T10:00:00+08:00');
const INSTITUTION = 'P32110000001';
const CAMERAS = ['32110000001320000001', '32110000001320000002'];
const [ONE, OTHER] = CAMERAS;
/** What a registration says of terminals and cameras, by its name. */
const COUNTERS = {
  both: [
    { dev_no: 'D1', device_id: ONE },
    { dev_no: 'D2', device_id: OTHER },
  ],
  first: [{ dev_no: 'D1', device_id: ONE }],
  second: [{ dev_no: 'D2', device_id: OTHER }, { dev_no: 'D1' }],
  swapped: [
    { dev_no: 'D1', device_id: OTHER },
    { dev_no: 'D2', device_id: ONE },
  ],
  shared: [
    { dev_no: 'D1', device_id: ONE },
    { dev_no: 'D2', device_id: ONE },
    { dev_no: 'D2', device_id: OTHER },
  ],
};
const pseudonymiser = createPseudonymiser('oracle');
const iso = (ms: number) => new Date(ms).toISOString();

export interface Raw {
  /** Arrival, ms. */
  arrival: number;
  event: Record<string, unknown>;
}

const second = fc.integer({ min: 0, max: 3600 }).map((s) => BASE + s * 1000);
const delay = fc
  .oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 5 }) },
    { weight: 2, arbitrary: fc.integer({ min: 5, max: 300 }) },
    { weight: 1, arbitrary: fc.integer({ min: 300, max: 7000 }) },
  )
  .map((s) => s * 1000);
const person = fc.constantFrom('p1', 'p2', 'p3');
const terminal = fc.constantFrom('D1', 'D2', null);
const device = fc.constantFrom(...CAMERAS);

const settlement = fc.record({
  kind: fc.constant('settlement' as const),
  at: second,
  delay,
  id: fc.integer({ min: 1, max: 12 }),
  person,
  terminal,
  cert: fc.constantFrom('01', '02'),
  agent: fc.constantFrom(0, 0, 0, 1),
  fund: fc.constantFrom(50, 999.99, 1000),
});
const check = fc.record({
  kind: fc.constant('check' as const),
  at: second,
  delay,
  device,
  person: fc.option(fc.constantFrom('p1', 'p2', 'p3', 'p4'), { freq: 2 }),
  terminal,
  result: fc.constantFrom('passed', 'passed', 'passed', 'failed'),
});
const reversal = fc.record({
  kind: fc.constant('reversal' as const),
  at: second,
  delay,
  of: fc.integer({ min: 1, max: 12 }),
  byMessage: fc.boolean(),
});
const status = fc.record({
  kind: fc.constant('status' as const),
  at: second,
  delay,
  device,
  status: fc.constantFrom('online', 'offline', 'blocked'),
});
const beats = fc.record({
  kind: fc.constant('beats' as const),
  device,
  from: fc.integer({ min: -900, max: 1800 }),
  to: fc.integer({ min: 1800, max: 4600 }),
  every: fc.constantFrom(20, 30, 60),
  late: fc.constantFrom(0, 0, 0, 400),
  gap: fc.option(fc.tuple(fc.integer({ min: 0, max: 3600 }), fc.integer({ min: 30, max: 300 })), { freq: 2 }),
});
const registration = fc.record({
  kind: fc.constant('registration' as const),
  at: fc.integer({ min: 0, max: 3000 }).map((s) => BASE + s * 1000),
  delay,
  counters: fc.constantFrom(...Object.keys(COUNTERS)) as fc.Arbitrary<keyof typeof COUNTERS>,
});

export const world = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: settlement },
        { weight: 4, arbitrary: check },
        { weight: 1, arbitrary: reversal },
        { weight: 1, arbitrary: status },
      ),
      { maxLength: 24 },
    ),
    fc.array(beats, { maxLength: 4 }),
    fc.option(registration, { freq: 3 }),
    fc.boolean(),
  )
  .map(([items, lives, late, full]) => {
    const raws: Raw[] = [register(BASE - 86_400_000, 0, 'both')];
    const whole = full
      ? CAMERAS.map((d) => ({ kind: 'beats' as const, device: d, from: -900, to: 4600, every: 30, late: 0, gap: null }))
      : [];
    let n = 0;
    const id = () => `e${n++}`;
    for (const item of [...items, ...lives, ...whole, ...(late === null ? [] : [late])]) {
      if (item.kind === 'beats') {
        for (let s = item.from; s <= item.to; s += item.every)
          if (item.gap === null || s < item.gap[0] || s >= item.gap[0] + item.gap[1])
            raws.push({
              arrival: BASE + (s + 1 + item.late) * 1000,
              event: {
                event_id: id(),
                event_type: 'heartbeat',
                event_time: iso(BASE + s * 1000),
                source: 'cam',
                fixmedins_code: INSTITUTION,
                device_id: item.device,
              },
            });
      } else if (item.kind === 'registration') raws.push(register(item.at, item.delay, item.counters));
      else raws.push({ arrival: item.at + item.delay, event: eventOf(item, id()) });
    }
    return raws.sort((a, b) => a.arrival - b.arrival);
  });

function register(at: number, delay: number, counters: keyof typeof COUNTERS): Raw {
  return {
    arrival: at + delay,
    event: {
      event_id: `r${at}`,
      event_type: 'institution',
      event_time: iso(at),
      source: 'reg',
      fixmedins_code: INSTITUTION,
      name: 'n',
      kind: 'pharmacy',
      counters: COUNTERS[counters],
    },
  };
}

function eventOf(
  item: { kind: 'settlement' | 'check' | 'reversal' | 'status'; at: number } & Record<string, unknown>,
  event_id: string,
): Record<string, unknown> {
  const base = { event_id, event_time: iso(item.at), source: 'x', fixmedins_code: INSTITUTION };
  switch (item.kind) {
    case 'settlement':
      return {
        ...base,
        event_type: 'settlement',
        setl_id: `S${item.id}`,
        msgid: `M${item.id}`,
        psn_no: item.person,
        dev_no: item.terminal,
        mdtrt_cert_type: item.cert,
        med_type: '41',
        agent_flag: item.agent,
        medfee_sumamt: item.fund,
        fund_pay_sumamt: item.fund,
      };
    case 'reversal':
      return {
        ...base,
        event_type: 'settlement_reversal',
        setl_id: `R${event_id}`,
        psn_no: 'p1',
        medfee_sumamt: -1,
        fund_pay_sumamt: -1,
        refd_setl_flag: 1,
        ...(item.byMessage === true ? { omsgid: `M${item.of}` } : { orig_setl_id: `S${item.of}` }),
      };
    case 'check':
      return {
        ...base,
        event_type: 'identity_check',
        device_id: item.device,
        dev_no: item.terminal,
        psn_no: item.person,
        result: item.result,
        method: 'face',
      };
    case 'status':
      return { ...base, event_type: 'camera_status', device_id: item.device, status: item.status };
  }
}

/** Raw events as the router would model them: one raw partition per feed, offsets in order of arrival. */
export function modelled(raws: readonly Raw[]): YunjianEvent[] {
  const offsets = new Map<Feed, number>();
  return raws.map(({ arrival, event }) => {
    const parsed = parseRawEvent(Buffer.from(JSON.stringify(event)), {
      arrival: Math.max(arrival, BASE + 86_400_000),
      replay: true,
      feed: null,
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    const offset = offsets.get(parsed.feed) ?? 0;
    offsets.set(parsed.feed, offset + 1);
    return toModel(
      parsed.event,
      { arrival, origin: { feed: parsed.feed, partition: 0, offset, index: 0 } },
      pseudonymiser,
    );
  });
}

export interface Standing {
  detector: string;
  subject: string;
  level: number;
}

/** Runs events through the lane with a mark a second, and long enough after the last; what stands at the end. `rules`: behind so many records. */
export function run(
  events: readonly YunjianEvent[],
  options: { restartEvery?: number; markMs?: number; rules?: { at: number; rules: unknown } } = {},
): { standing: Standing[]; findings: Finding[]; shadows: ShadowReport[] } {
  const markMs = options.markMs ?? 1000;
  let lane = fresh();
  let offset = 0;
  const findings: Finding[] = [];
  const start = events[0]?.arrival ?? BASE;
  const end = Math.max(...events.map((e) => e.arrival), BASE) + 400_000;
  const order = [...events].sort((a, b) => a.arrival - b.arrival);
  const feed = (record: Parameters<InstitutionLane['step']>[0]) => {
    lane.step(record, offset++);
    findings.push(...lane.takeEffects().findings);
    if (offset === options.rules?.at) feed({ kind: 'ruleChange', ruleVersion: 'v', rules: options.rules.rules });
    if (options.restartEvery !== undefined && offset % options.restartEvery === 0) lane = restarted(lane);
  };
  let next = 0;
  for (let now = Math.max(start, BASE - 1_000_000); now <= end; now += markMs) {
    for (; next < order.length && (order[next] as YunjianEvent).arrival <= now; next++)
      feed(decodeLane(encodeLane(order[next] as LaneEvent)));
    feed({
      kind: 'mark',
      entries: FEEDS.map((f) => ({ feed: f, partition: 0, next: 0, arrival: now, lastEvent: now })),
      partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 },
    });
  }
  const last = new Map<string, Finding>();
  for (const finding of findings) last.set(finding.alert_id, finding);
  const standing = [...last.values()]
    .filter(({ action }) => action === 'raise')
    .map(({ detector, subject, level }) => ({ detector, subject: subject.ref, level }));
  return { standing: sorted(standing), findings, shadows: lane.shadows() };
}

function fresh(): InstitutionLane {
  const lane = new InstitutionLane({ partition: 1, detectors });
  lane.restore();
  return lane;
}

/** The lane as a checkpoint would give it back: tables through JSON and in another order, everything else built anew. */
function restarted(lane: InstitutionLane): InstitutionLane {
  const again = new InstitutionLane({ partition: 1, detectors });
  for (const change of [...lane.state.all()].reverse()) again.state.load(checkpointed(change));
  again.restore();
  return again;
}

export function sorted(list: Standing[]): Standing[] {
  return list.sort((a, b) => (a.detector + a.subject < b.detector + b.subject ? -1 : 1));
}
