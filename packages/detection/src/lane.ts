// The pure core of lane.institution: one partition's records in, findings and conflicts out. No I/O, no wall clock; the same records
// give the same effects however they are batched and wherever the partition was interrupted.
import {
  type Cause,
  type Finding,
  isoShanghai,
  type LaneEvent,
  type LaneRecord,
  type Origin,
  yuan,
} from '@yunjian/contracts';
import { createCatalogue } from './catalogue.ts';
import { FeedClocks } from './clocks.ts';
import type { DetectorHost, DocumentNews, Raise, SpokenDetector, WindowedDetector, WindowedLogic } from './define.ts';
import { createDevices, lifeCodec } from './devices.ts';
import { DocumentBook } from './documents.ts';
import { alertId } from './ids.ts';
import { OriginBook } from './origins.ts';
import { createRegistry } from './registry.ts';
import { createReversals } from './reversals.ts';
import { createRules } from './rules.ts';
import { KeyedState } from './state.ts';
import { Timers } from './timers.ts';

/** A document that contradicts the first one known under its identity. */
export interface Conflict {
  refused: { origin: Origin; arrival: number };
  institution: string;
  document: string;
}

/** A record on which our own code threw: set aside, the partition goes on. */
export interface Poison {
  offset: number;
  detector: string | null;
  stack: string;
}

export interface Effects {
  findings: Finding[];
  conflicts: Conflict[];
  poison: Poison[];
  /** What was counted since the last take, by name. */
  counts: Map<string, number>;
}

export type AnyDetector = WindowedDetector | SpokenDetector;

export interface LaneOptions {
  partition: number;
  lane?: string;
  /** Name in causes; one processor per lane. */
  processor?: string;
  detectors: readonly AnyDetector[];
}

interface Running {
  id: string;
  logic: WindowedLogic;
}

const TIMER_SEPARATOR = '\u0001';
const NO_HANDLERS: readonly { id: string; run: (event: never, news: DocumentNews) => void }[] = [];

export class InstitutionLane {
  readonly state = new KeyedState();
  readonly clocks: FeedClocks;
  readonly #options: LaneOptions;
  readonly #origins = new OriginBook();
  readonly #documents: DocumentBook;
  readonly #registry;
  readonly #devices;
  readonly #catalogue;
  readonly #reversals;
  readonly #rules;
  readonly #timers = new Timers();
  readonly #running: Running[] = [];
  readonly #handlers = new Map<LaneEvent['kind'], { id: string; run: (event: never, news: DocumentNews) => void }[]>();
  #effects: Effects = empty();
  #offset = -1;
  #index = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
    const table = <V>(name: string) => this.state.table<V>(name);
    this.clocks = new FeedClocks(table);
    this.state.attach('origin', this.#origins);
    this.#documents = new DocumentBook(this.state);
    this.#registry = createRegistry(table('registry'));
    this.#devices = createDevices(this.state.table('device', { codec: lifeCodec, hot: true }));
    this.#catalogue = createCatalogue(table('catalogue'));
    this.#reversals = createReversals(table('reversal'));
    this.#rules = createRules(options.detectors, table('rules'));
  }

  /** Call once before the first step, after a checkpoint's entries were loaded into `state` (none on a fresh start). */
  restore(): void {
    this.clocks.restore();
    this.#rules.restore();
    for (const detector of this.#options.detectors) if (detector.kind === 'windowed') this.#start(detector);
    for (const { logic } of this.#running) logic.restore();
  }

  /** @param offset the record's own offset in the lane partition: part of every finding's cause. */
  step(record: LaneRecord, offset: number): void {
    this.#offset = offset;
    this.#index = 0;
    if (record.kind === 'mark') {
      this.clocks.apply(record);
      this.#passTime();
    } else if (record.kind === 'ruleChange') {
      this.#guarded(null, () => this.#rules.take(record));
    } else if (this.#origins.isNew(record.origin)) {
      this.#receive(record);
    } else {
      this.#count('origin_repeated');
    }
  }

  /** A lane record that could not be read: reported, and passed over. */
  setAside(offset: number, error: Error): void {
    this.#offset = offset;
    this.#guarded(null, () => {
      throw error;
    });
  }

  takeEffects(): Effects {
    const effects = this.#effects;
    this.#effects = empty();
    return effects;
  }

  #receive(event: LaneEvent): void {
    const reception = this.#documents.receive(event);
    if (reception.kind === 'repeat') {
      this.#count('document_repeated');
      return;
    }
    if (reception.kind === 'conflict') {
      this.#count('document_conflict');
      this.#effects.conflicts.push({
        refused: { origin: reception.refused.origin, arrival: reception.refused.arrival },
        institution: event.institution,
        document: event.document,
      });
      if (reception.news === null) {
        for (const { id, logic } of this.#running)
          if (logic.contradicted !== undefined) this.#guarded(id, () => logic.contradicted?.(event));
        return;
      }
    }
    const news = reception.news as DocumentNews;
    if (event.origin.feed !== 'reference' && this.#registry.latest(event.institution) === null)
      this.#count('institution_unregistered');
    try {
      this.#observe(event);
    } catch (error) {
      this.#poisoned(null, error);
    }
    for (const { id, run } of this.#handlers.get(event.kind) ?? NO_HANDLERS)
      try {
        run(event as never, news);
      } catch (error) {
        this.#poisoned(id, error);
      }
  }

  #observe(event: LaneEvent): void {
    switch (event.kind) {
      case 'institution':
        this.#registry.take(event);
        break;
      case 'drug':
        this.#catalogue.take(event);
        break;
      case 'reversal':
        this.#reversals.take(event);
        break;
      case 'heartbeat':
      case 'identityCheck':
      case 'presence':
      case 'cameraStatus':
      case 'staffPresence':
        this.#devices.take(event);
        break;
      default:
    }
  }

  #passTime(): void {
    const observed = this.clocks.at('observed');
    this.#documents.prune(observed);
    this.#devices.prune(observed);
    this.#reversals.prune(observed);
    for (const due of this.#timers.takeDue(this.clocks)) {
      const [id = '', timer = ''] = due.split(TIMER_SEPARATOR);
      const running = this.#running.find((r) => r.id === id);
      this.#guarded(id, () => running?.logic.onTimer?.(timer));
    }
    for (const { id, logic } of this.#running)
      if (logic.onMark !== undefined) this.#guarded(id, () => logic.onMark?.());
  }

  /** Our own exception sets the record aside for that detector alone; it is the same exception on every replay. */
  #guarded(detector: string | null, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#poisoned(detector, error);
    }
  }

  #poisoned(detector: string | null, error: unknown): void {
    this.#count('poison');
    this.#effects.poison.push({
      offset: this.#offset,
      detector,
      stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }

  #count(what: string): void {
    this.#effects.counts.set(what, (this.#effects.counts.get(what) ?? 0) + 1);
  }

  #start(detector: WindowedDetector): void {
    const host: DetectorHost<never> = {
      partition: this.#options.partition,
      table: (name, options) => this.state.table(`${detector.id}/${name}`, options),
      attach: (name, rows) => this.state.attach(`${detector.id}/${name}`, rows),
      clocks: this.clocks,
      timers: {
        arm: (id, clock, at) => this.#timers.arm(`${detector.id}${TIMER_SEPARATOR}${id}`, clock, at),
        cancel: (id) => this.#timers.cancel(`${detector.id}${TIMER_SEPARATOR}${id}`),
      },
      registry: this.#registry,
      devices: this.#devices,
      catalogue: this.#catalogue,
      reversals: this.#reversals,
      params: (institution) => this.#rules.params(detector.id, this.#profile(institution)) as never,
      raise: (claim) => this.#emit('raise', detector.id, claim),
      withdraw: (claim) => this.#emit('withdraw', detector.id, claim),
      count: (what) => this.#count(`${detector.id}.${what}`),
    };
    const logic = detector.create(host);
    this.#running.push({ id: detector.id, logic });
    for (const [kind, run] of Object.entries(logic.on) as [
      LaneEvent['kind'],
      (event: never, news: DocumentNews) => void,
    ][]) {
      const handlers = this.#handlers.get(kind) ?? [];
      handlers.push({ id: detector.id, run });
      this.#handlers.set(kind, handlers);
    }
  }

  #profile(institution: string | null) {
    return institution === null ? null : this.#registry.latest(institution);
  }

  #emit(action: Finding['action'], speaker: string, claim: Raise): void {
    const detector = claim.detector ?? speaker;
    const definition = this.#options.detectors.find((d) => d.id === detector);
    if (definition === undefined) throw new Error(`${speaker} speaks for ${detector}, which is no registered detector`);
    if (!this.#rules.enabled(definition.id)) return;
    const profile = this.#profile(claim.institution);
    this.#effects.findings.push({
      type: 'finding',
      cause: this.#cause(),
      action,
      alert_id: alertId({ ...claim, detector }),
      detector,
      rule_version: this.#rules.version(definition.id),
      level: claim.level ?? definition.level,
      fixmedins_code: claim.institution,
      grid: profile?.grid ?? [],
      subject: claim.subject,
      window: { start: isoShanghai(claim.window.start), end: isoShanghai(claim.window.end) },
      event_time: isoShanghai(claim.eventTime),
      amount: claim.amount === null ? null : yuan(claim.amount),
      title: claim.title ?? definition.texts.title,
      facts: claim.facts,
      evidence: claim.evidence,
      reason: claim.reason,
    });
  }

  #cause(): Cause {
    return {
      processor: this.#options.processor ?? 'detector',
      lane: this.#options.lane ?? 'institution',
      partition: this.#options.partition,
      offset: this.#offset,
      index: this.#index++,
    };
  }
}

function empty(): Effects {
  return { findings: [], conflicts: [], poison: [], counts: new Map() };
}
