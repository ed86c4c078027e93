// The pure core of lane.institution: one partition's records in, findings and conflicts out. No I/O, no wall clock; the same records
// give the same effects however they are batched and wherever the partition was interrupted.
import type { Cause, DetectorId, Finding, LaneEvent, LaneRecord } from '@yunjian/contracts';
import { FeedClocks } from './clocks.ts';
import { Common } from './common.ts';
import type { DocumentNews, Raise, SpokenDetector, WindowedDetector, WindowedLogic } from './define.ts';
import { DocumentBook } from './documents.ts';
import { conflictOf, type Effects, noEffects } from './effects.ts';
import { findingOf } from './finding.ts';
import { createHost, type SharedPorts } from './host.ts';
import { Known } from './known.ts';
import { OriginBook } from './origins.ts';
import { poisonAlert, Shaken } from './poison.ts';
import { createRules } from './rules.ts';
import { type ShadowReport, Shadows } from './shadows.ts';
import { checkpointed, KeyedState, type Table } from './state.ts';
import { Timers } from './timers.ts';

export type AnyDetector = WindowedDetector | SpokenDetector;

export interface LaneOptions {
  partition: number;
  lane?: string;
  /** Name in causes; one processor per lane. */
  processor?: string;
  detectors: readonly AnyDetector[];
}

interface Running {
  id: DetectorId;
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
  readonly #known: Known;
  readonly #common: Common;
  readonly #rules;
  readonly #timers = new Timers();
  readonly #running: Running[] = [];
  readonly #handlers = new Map<LaneEvent['kind'], { id: string; run: (event: never, news: DocumentNews) => void }[]>();
  #effects: Effects = noEffects();
  #offset = -1;
  #index = 0;
  /** Arrival of the record that is being read, ms. */
  #arrival = 0;
  readonly #poisonTold: Table<number>;
  readonly #shaken: Shaken;
  readonly #shared: SharedPorts;
  readonly #shadows: Shadows;
  #settles = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    const table = <V>(name: string) => this.state.table<V>(name);
    this.clocks = new FeedClocks(table);
    this.state.attach('origin', this.#origins);
    this.#documents = new DocumentBook(this.state);
    this.#known = new Known(this.state);
    this.#rules = createRules(options.detectors, table('rules'));
    this.#poisonTold = table('poison');
    this.#shaken = new Shaken(this.clocks);
    const { registry, devices, catalogue, reversals } = this.#known;
    const { partition } = options;
    this.#common = new Common(this.state, () => this.#shared);
    const common: SharedPorts['common'] = (name, create) => this.#common.get(name, create);
    this.#shared = { partition, clocks: this.clocks, registry, devices, catalogue, reversals, common };
    const [detectors, state, rules, shared] = [options.detectors, this.state, this.#rules, this.#shared];
    this.#shadows = new Shadows({ detectors, state, rules, shared, count: (what) => this.#count(what) });
  }

  /** Call once before the first step, after a checkpoint's entries were loaded into `state` (none on a fresh start). */
  restore(): void {
    this.clocks.restore();
    this.#documents.prune(this.clocks.at('observed'));
    this.#known.restore();
    this.#rules.restore();
    for (const detector of this.#options.detectors) if (detector.kind === 'windowed') this.#start(detector);
    this.#common.restore();
    for (const { logic } of this.#running) logic.restore();
    this.#shadows.follow();
  }

  /** How far shadow parameters have come. */
  shadows(): ShadowReport[] {
    return this.#shadows.reports();
  }

  /** Another lane of the same tables, as if restored from a checkpoint taken now. Effects not taken yet are left behind. */
  rebuilt(): InstitutionLane {
    const lane = new InstitutionLane(this.#options);
    for (const change of this.state.all()) lane.state.load(checkpointed(change));
    lane.restore();
    return lane;
  }

  /** It has met poison and not begun again since: no checkpoint may be taken (see `Shaken`). */
  get shaken(): boolean {
    return this.#shaken.yes;
  }

  /** Whether a shaken lane is to begin again, as `rebuilt`, behind the record just read. */
  get settles(): boolean {
    return this.#settles;
  }

  /** @param offset the record's own offset in the lane partition: part of every finding's cause. */
  step(record: LaneRecord, offset: number): void {
    this.#offset = offset;
    this.#index = 0;
    if (record.kind === 'mark') {
      this.#arrival = Math.max(0, ...record.entries.map(({ arrival }) => arrival));
      this.clocks.apply(record);
      this.#passTime();
      this.#settles = this.#shaken.settles(offset);
    } else if (record.kind === 'ruleChange') {
      this.#arrival = this.#observed();
      this.#guarded(null, () => this.#rules.take(record));
      this.#shadows.follow();
    } else if (this.#origins.isNew(record.origin)) {
      this.#receive(record);
    } else {
      this.#count('origin_repeated');
    }
  }

  /** A lane record that could not be read, or on which `step` threw: reported, and passed over. */
  setAside(offset: number, error: unknown): void {
    if (offset !== this.#offset) {
      this.#offset = offset;
      this.#index = 0;
      this.#arrival = this.#observed();
    }
    this.#poisoned(null, error);
  }

  takeEffects(): Effects {
    const effects = this.#effects;
    this.#effects = noEffects();
    return effects;
  }

  #receive(event: LaneEvent): void {
    this.#arrival = event.arrival;
    const reception = this.#documents.receive(event);
    if (reception.kind === 'repeat') {
      this.#count('document_repeated');
      return;
    }
    if (reception.kind === 'conflict') {
      if (!reception.reportedElsewhere) {
        this.#count('document_conflict');
        this.#effects.conflicts.push(conflictOf(event, reception.refused));
      }
      if (reception.news === null) {
        for (const { id, logic } of this.#running)
          if (logic.contradicted !== undefined) this.#guarded(id, () => logic.contradicted?.(event));
        this.#shadows.contradicted(event);
        return;
      }
    }
    const news = reception.news as DocumentNews;
    if (event.origin.feed !== 'reference' && this.#known.registry.latest(event.institution) === null)
      this.#count('institution_unregistered');
    try {
      this.#known.take(event);
    } catch (error) {
      this.#poisoned(null, error);
    }
    try {
      this.#common.receive(event, news);
    } catch (error) {
      this.#poisoned(null, error);
    }
    for (const { id, run } of this.#handlers.get(event.kind) ?? NO_HANDLERS)
      try {
        run(event as never, news);
      } catch (error) {
        this.#poisoned(id, error);
      }
    this.#shadows.receive(event, news);
  }

  #passTime(): void {
    const observed = this.clocks.at('observed');
    this.#documents.prune(observed);
    this.#known.prune(observed);
    for (const due of this.#timers.takeDue(this.clocks)) {
      const [id = '', timer = ''] = due.split(TIMER_SEPARATOR);
      const running = this.#running.find((r) => r.id === id);
      this.#guarded(id, () => running?.logic.onTimer?.(timer));
    }
    for (const { id, logic } of this.#running)
      if (logic.onMark !== undefined) this.#guarded(id, () => logic.onMark?.());
    this.#shadows.passTime();
    this.#guarded(null, () => this.#common.passTime());
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
    this.#shaken.poisoned(this.#offset);
    this.#count('poison');
    const alert = poisonAlert({ cause: () => this.#cause(), detector, error, at: this.#arrival }, this.#poisonTold);
    if (alert !== null) this.#effects.findings.push(alert);
    this.#effects.poison.push({
      offset: this.#offset,
      detector,
      stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }

  #observed(): number {
    return Math.max(0, this.clocks.at('observed'));
  }

  #count(what: string): void {
    this.#effects.counts.set(what, (this.#effects.counts.get(what) ?? 0) + 1);
  }

  #start(detector: WindowedDetector): void {
    const { id } = detector;
    const host = createHost(this.#shared, {
      state: this.state,
      tables: `${id}/`,
      timers: {
        arm: (timer, clock, at) => this.#timers.arm(`${id}${TIMER_SEPARATOR}${timer}`, clock, at),
        cancel: (timer) => this.#timers.cancel(`${id}${TIMER_SEPARATOR}${timer}`),
      },
      params: {
        rules: this.#rules,
        detector: id,
        shadow: false,
        of: (institution) => this.#rules.params(id, institution),
      },
      say: (action, claim) => this.#emit(action, id, claim),
      count: (what) => this.#count(`${id}.${what}`),
    });
    const logic = detector.create(host);
    this.#running.push({ id, logic });
    for (const [kind, run] of Object.entries(logic.on) as [
      LaneEvent['kind'],
      (event: never, news: DocumentNews) => void,
    ][]) {
      const handlers = this.#handlers.get(kind) ?? [];
      handlers.push({ id, run });
      this.#handlers.set(kind, handlers);
    }
  }

  /** What is said for a detector that does not run here is told to nobody. */
  #emit(action: Finding['action'], speaker: DetectorId, claim: Raise): void {
    const detector = claim.detector ?? speaker;
    const definition = this.#options.detectors.find((d) => d.id === detector);
    if (definition === undefined) {
      if (this.#options.detectors.find(({ id }) => id === speaker)?.alsoSpeaksFor?.includes(detector)) return;
      throw new Error(`${speaker} speaks for ${detector}, which is not among those it speaks for`);
    }
    const silent = !this.#rules.enabled(definition.id);
    this.#shadows.heard(speaker, action, claim, silent);
    if (action === 'raise' && silent) return;
    this.#effects.findings.push(
      findingOf({
        cause: this.#cause(),
        action,
        definition,
        ruleVersion: this.#rules.version(definition.id),
        grid: (claim.institution === null ? null : this.#known.registry.latest(claim.institution))?.grid ?? [],
        claim,
      }),
    );
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
