// What a detector is: one definition from which registry, parameters, texts, docs, metrics and tests derive, and the logic's ports.
import type { Bilingual, DetectorId, EvidenceRef, Lane, LaneEvent, LaneKind, Level, Subject } from '@yunjian/contracts';
import type { z } from 'zod';
import type { Catalogue } from './catalogue.ts';
import type { ClockName, FeedClocks } from './clocks.ts';
import type { CommonHost, CommonLogic } from './common.ts';
import type { Devices } from './devices.ts';
import type { Registry } from './registry.ts';
import type { Reversals } from './reversals.ts';
import type { Rows, Table, TableOptions } from './state.ts';

export interface DetectorTexts {
  title: Bilingual;
  /** What the claim means, for a supervisor without the manual. */
  explanation: Bilingual;
  /** Measures it suggests, gravest last. */
  measures: Bilingual[];
  /** Law or rule it rests on. */
  basis: Bilingual;
  /** What to do when it fires: how to verify, what excuses it, what to keep. */
  runbook: Bilingual;
}

export interface DetectorDefinition<P extends z.ZodObject = z.ZodObject> {
  id: DetectorId;
  lane: Lane;
  /** Kinds of lane records it reads. */
  inputs: readonly LaneEvent['kind'][];
  /** Each field has a default and a description with unit and source. */
  params: P;
  /** The level it raises at by default. */
  level: Level;
  /** Whether it claims an absence and so waits for clocks. */
  claimsAbsence: boolean;
  texts: DetectorTexts;
  /** Parameters that concern no institution (a whole feed): `when` cannot set them. */
  withoutInstitution?: readonly string[];
  /** Other detectors' ids for which its logic also speaks (they have definitions of their own). */
  alsoSpeaksFor?: readonly DetectorId[];
}

/** Detector on lane.institution: keyed state and timers, in memory, checkpointed. */
export interface WindowedDetector<P extends z.ZodObject = z.ZodObject> extends DetectorDefinition<P> {
  kind: 'windowed';
  /** One logic per lane partition. */
  create(host: DetectorHost<z.output<P>>): WindowedLogic;
}

/** A detector whose findings are made by another's logic (same judgement, different claim). */
export interface SpokenDetector<P extends z.ZodObject = z.ZodObject> extends DetectorDefinition<P> {
  kind: 'spoken';
  spokenBy: DetectorId;
}

type EventOf<K extends LaneKind> = Extract<LaneEvent, { kind: K }>;

/** What the document book says of an event it lets through. */
export interface DocumentNews {
  /** The first document under this identity, or one that is lower than the first known so far and replaces it. */
  replaces: { eventTime: number; fund: number } | null;
}

export interface WindowedLogic {
  /** Handlers by kind; repeats and conflicts never reach them. Registry, devices, catalogue and reversals already know the event. */
  on: { [K in LaneEvent['kind']]?: (event: EventOf<K>, news: DocumentNews) => void };
  /** A document was refused because it says something else than the first under its identity, which holds. */
  contradicted?(event: LaneEvent): void;
  /** A timer armed by this logic is due. */
  onTimer?(id: string): void;
  /** After each mark, timers done: for what is emitted once a second at most, or judged by clocks alone. */
  onMark?(): void;
  /** After the tables were loaded from a checkpoint: build indexes, arm timers. Also called once on a fresh start. */
  restore(): void;
}

export interface Claim {
  /** Default: the detector's own id; else one of alsoSpeaksFor. */
  detector?: DetectorId;
  subject: Subject;
  institution: string | null;
  /** The settlement, day, month or quarter; null for a code. */
  anchor: string | null;
  tier?: number;
}

export interface Raise extends Claim {
  level?: Level;
  /** ms */
  window: { start: number; end: number };
  /** ms */
  eventTime: number;
  /** fen */
  amount: number | null;
  title?: Bilingual;
  facts: Record<string, unknown>;
  evidence: EvidenceRef[];
  /** For the history: which fact raised or changed it. */
  reason: string;
}

export interface DetectorHost<P> {
  /** Number of this lane partition; what concerns a whole feed is judged in partition 0 alone. */
  partition: number;
  /** A checkpointed table of this detector's own. Keys start with the institution where there is one. */
  table<V>(name: string, options?: TableOptions<V>): Table<V>;
  /** Rows that this detector keeps in a way of its own, checkpointed under that name. */
  attach(name: string, rows: Rows): void;
  clocks: FeedClocks;
  timers: { arm(id: string, clock: ClockName, at: number): void; cancel(id: string): void };
  registry: Registry;
  devices: Devices;
  catalogue: Catalogue;
  reversals: Reversals;
  /** What detectors keep together under that name, made by the first that asks: the same for all of the lane, shadows too. */
  common<C extends CommonLogic>(name: string, create: (host: CommonHost) => C): C;
  /** Parameters in force for that institution (rules may differ by kind, level, district). */
  params(institution: string | null): P;
  /** Raise, or amend what stands; the same again writes nothing. */
  raise(claim: Raise): void;
  /** Withdraw what was raised; `facts` and `evidence` as of now. Nothing happens when it never stood. */
  withdraw(claim: Raise): void;
  /** Counted in metrics, e.g. a settlement older than what is kept. Label values are a small closed set. */
  count(what: string): void;
}

export function defineWindowed<P extends z.ZodObject>(
  detector: Omit<WindowedDetector<P>, 'kind'>,
): WindowedDetector<P> {
  return { kind: 'windowed', ...detector };
}

export function defineSpoken<P extends z.ZodObject>(detector: Omit<SpokenDetector<P>, 'kind'>): SpokenDetector<P> {
  return { kind: 'spoken', ...detector };
}
