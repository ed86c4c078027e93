// A test language for detectors: what happened at one institution, when it arrived, and what stands at the end. Real lanes, real marks.
import {
  ColdPart,
  decodeLane,
  digest,
  encodeLane,
  FEEDS,
  type Feed,
  type Finding,
  type LaneEvent,
  type YunjianEvent,
} from '@yunjian/contracts';
import { type AnyDetector, InstitutionLane } from './lane.ts';
import { checkpointed } from './state.ts';

const FEED_OF_KIND: Partial<Record<YunjianEvent['kind'], Feed>> = {
  settlement: 'settlement',
  reversal: 'settlement',
  trace: 'trace',
  institution: 'reference',
  budget: 'reference',
  justification: 'reference',
  personStatus: 'reference',
  drug: 'reference',
};
const DEFAULTS: { [kind: string]: Record<string, unknown> } = {
  settlement: {
    person: 'p1',
    certificate: '02',
    medicalType: '41',
    total: 10_000,
    fund: 8_000,
    terminal: 'D1',
    byAgent: false,
    messageId: null,
    prescription: null,
    begin: null,
    end: null,
    diagnosis: null,
  },
  reversal: { originalId: null, originalMessageId: null, person: 'p1', total: -10_000, fund: -8_000 },
  identityCheck: { device: 'cam1', result: 'passed', method: 'face', person: null, terminal: null, similarity: null },
  presence: { device: 'cam1', persons: 1, terminal: null },
  staffPresence: { role: 'pharmacist', present: true, staff: null, device: null },
  cameraStatus: { device: 'cam1', status: 'offline' },
  heartbeat: { device: 'cam1' },
  institution: {
    category: 'pharmacy',
    level: null,
    grid: ['city', 'county'],
    longitude: null,
    latitude: null,
    counters: [{ terminal: 'D1', device: 'cam1' }],
  },
  budget: { weights: null },
  justification: { validUntil: null },
  drug: { prescriptionDrug: null, packSize: null, maxDays: null, prefixes: [] },
};

export interface Told {
  detector: string;
  subject: string;
  level: number;
  facts: Record<string, unknown>;
}

/** Times are `HH:mm:ss` of one local day (2026-11-20, Asia/Shanghai), or ms since the epoch. */
export class Timeline {
  readonly #institution: string;
  readonly #detectors: readonly AnyDetector[];
  readonly #events: YunjianEvent[] = [];
  readonly #stalls: { feed: Feed; from: number; to: number }[] = [];
  readonly #restarts: number[] = [];
  readonly #behind = new Map<YunjianEvent, number>();
  #markMs = 1000;

  constructor(detectors: readonly AnyDetector[], institution = 'P32110000001') {
    this.#detectors = detectors;
    this.#institution = institution;
  }

  /**
   * Something happened; `late` is how long it took to arrive, s (default 1). `fields.behind`: its raw partition is another, which is read so
   * much later, s.
   */
  at(time: string | number, kind: YunjianEvent['kind'], fields: Record<string, unknown> = {}, late = 1): this {
    const eventTime = instantOf(time);
    const id = `${kind}-${String(fields.settlementId ?? this.#events.length)}`;
    const {
      eventId = id,
      cold = {},
      institution = this.#institution,
      behind = 0,
      ...own
    } = fields as { eventId?: string; cold?: object; institution?: string; behind?: number };
    const event = {
      kind,
      ...DEFAULTS[kind],
      ...own,
      eventTime,
      arrival: eventTime + late * 1000,
      origin: { feed: FEED_OF_KIND[kind] ?? 'surveillance', partition: behind === 0 ? 0 : 1, offset: 0, index: 0 },
      institution,
      document: digest(eventId),
      content: digest(JSON.stringify([own, eventTime]), 11),
      cold: ColdPart.of({
        eventId,
        source: 'timeline',
        name: 'n',
        admdvs: null,
        openHours: null,
        lines: [],
        reason: 'r',
        approvedBy: 'a',
        ...cold,
      }),
    } as unknown as YunjianEvent;
    this.#events.push(event);
    if (behind > 0) this.#behind.set(event, behind * 1000);
    return this;
  }

  /** A camera speaks every `every` seconds from `from` to `to`. */
  beats(from: string, to: string, { device = 'cam1', every = 20, late = 1 } = {}): this {
    for (let t = instantOf(from); t <= instantOf(to); t += every * 1000)
      this.at(t, 'heartbeat', { device, eventId: `beat-${device}-${t}` }, late);
    return this;
  }

  /** The router reads nothing of a feed for a while: its clock stands still. */
  stalled(feed: Feed, from: string, to: string): this {
    this.#stalls.push({ feed, from: instantOf(from), to: instantOf(to) });
    return this;
  }

  /** The partition is taken up again from its checkpoint, as another process would. */
  restarted(at: string | number): this {
    this.#restarts.push(instantOf(at));
    return this;
  }

  /** Marks come every so many seconds instead of every second: for stories of days. */
  ticking(seconds: number): this {
    this.#markMs = seconds * 1000;
    return this;
  }

  /** Runs everything in order of arrival with a mark a second until `until`; what stands then, by detector and subject. */
  standing(until: string | number): Told[] {
    const last = new Map<string, Finding>();
    for (const finding of this.findings(until)) last.set(finding.alert_id, finding);
    return [...last.values()]
      .filter(({ action }) => action === 'raise')
      .map(({ detector, subject, level, facts }) => ({ detector, subject: subject.ref, level, facts }))
      .sort((a, b) => (a.detector + a.subject < b.detector + b.subject ? -1 : 1));
  }

  /** Every finding in order. */
  findings(until: string | number): Finding[] {
    let lane = this.#lane();
    const restarts = [...this.#restarts].sort((a, b) => a - b);
    const told: Finding[] = [];
    const order = this.#readable();
    const offsets = new Map<Feed, number>();
    const lastEvent = new Map<Feed, number>();
    const end = instantOf(until);
    let offset = 0;
    let next = 0;
    for (let now = Math.min(end, (order[0]?.readAt ?? end) - 1000); now <= end; now += this.#markMs) {
      for (; next < order.length && (order[next] as Readable).readAt <= now; next++) {
        const { event } = order[next] as Readable;
        const feed = event.origin.feed as Feed;
        const at = offsets.get(feed) ?? 0;
        offsets.set(feed, at + 1);
        lastEvent.set(feed, event.arrival);
        lane.step(decodeLane(encodeLane({ ...event, origin: { ...event.origin, offset: at } } as LaneEvent)), offset++);
        told.push(...lane.takeEffects().findings);
      }
      lane.step(
        {
          kind: 'mark',
          entries: FEEDS.map((feed) => ({
            feed,
            partition: 0,
            next: 0,
            arrival: this.#clock(feed, now),
            lastEvent: lastEvent.get(feed) ?? null,
          })),
          partitions: { settlement: 1, surveillance: 1, trace: 1, reference: 1 },
        },
        offset++,
      );
      told.push(...lane.takeEffects().findings);
      for (; restarts.length > 0 && (restarts[0] as number) <= now; restarts.shift()) lane = this.#lane(lane);
    }
    return told;
  }

  #lane(before?: InstitutionLane): InstitutionLane {
    const lane = new InstitutionLane({ partition: 0, detectors: this.#detectors });
    // In another order, since a checkpoint promises none.
    for (const change of [...(before?.state.all() ?? [])].reverse()) lane.state.load(checkpointed(change));
    lane.restore();
    return lane;
  }

  #readable(): Readable[] {
    return this.#events
      .map((event) => {
        const stall = this.#stalls.find(
          ({ feed, from, to }) => feed === event.origin.feed && event.arrival >= from && event.arrival < to,
        );
        return { event, readAt: (stall === undefined ? event.arrival : stall.to) + (this.#behind.get(event) ?? 0) };
      })
      .sort((a, b) => a.readAt - b.readAt || a.event.arrival - b.event.arrival);
  }

  #clock(feed: Feed, now: number): number {
    const stall = this.#stalls.find((s) => s.feed === feed && now >= s.from && now < s.to);
    return stall === undefined ? now : stall.from;
  }
}

interface Readable {
  event: YunjianEvent;
  readAt: number;
}

/** ms of `HH:mm:ss` on the timeline's day. */
export function instantOf(time: string | number): number {
  return typeof time === 'number' ? time : Date.parse(`2026-11-20T${time}+08:00`);
}
