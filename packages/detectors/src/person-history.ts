// A person's history as the rules about persons read it: what was settled and not undone at once, stays and visits, in order of time.
import {
  isoShanghai,
  type LaneEvent,
  localDay,
  type PersonStatus,
  type Reversal,
  type Settlement,
} from '@yunjian/contracts';
import type { PersonOutline, Raise } from '@yunjian/detection';
import { isVisit } from './treatment.ts';

export interface Settled {
  settlement: Settlement;
  /** The earliest reversal by event time; null: none is known. Times in ms. */
  reversal: { id: string; at: number } | null;
}

export interface Stay extends Settled {
  /** ms */
  begin: number;
  end: number;
}

/** Every rule about persons reads the same history: what was read out of a list is kept as long as the list is. */
const read = new WeakMap<readonly LaneEvent[], readonly Settled[]>();

/**
 * In order of event time. A settlement whose reversal is not after it never happened and is left out (detectors.md, introduction); a later
 * reversal stands beside it. @param documents one event per document; not changed afterwards
 */
export function settledOf(documents: readonly LaneEvent[]): readonly Settled[] {
  let settled = read.get(documents);
  if (settled === undefined) {
    settled = readSettled(documents);
    read.set(documents, settled);
  }
  return settled;
}

function readSettled(documents: readonly LaneEvent[]): Settled[] {
  const settlements: Settlement[] = [];
  const reversals: Reversal[] = [];
  for (const event of documents)
    if (event.kind === 'settlement') settlements.push(event);
    else if (event.kind === 'reversal') reversals.push(event);
  const undone = earliestByName(reversals);
  const list = settlements.map((settlement): Settled => ({ settlement, reversal: reversalOf(settlement, undone) }));
  return list
    .filter(({ settlement, reversal }) => reversal === null || reversal.at > settlement.eventTime)
    .sort((a, b) => inOrder(a.settlement, b.settlement));
}

type Undone = NonNullable<Settled['reversal']>;

function earlier(a: Undone | undefined, b: Undone | undefined): Undone | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.at < a.at || (b.at === a.at && b.id < a.id) ? b : a;
}

/** Reversals by what they name at their institution: a settlement (s) or a message (m). */
function earliestByName(reversals: readonly Reversal[]): Map<string, Undone> {
  const byName = new Map<string, Undone>();
  for (const { institution, originalId, originalMessageId, settlementId: id, eventTime: at } of reversals) {
    const name = originalId === null ? `${institution}|m|${originalMessageId}` : `${institution}|s|${originalId}`;
    byName.set(name, earlier(byName.get(name), { id, at }) as Undone);
  }
  return byName;
}

function reversalOf({ institution, settlementId, messageId }: Settlement, undone: Map<string, Undone>): Undone | null {
  if (undone.size === 0) return null;
  const named = undone.get(`${institution}|s|${settlementId}`);
  const meant = messageId === null ? undefined : undone.get(`${institution}|m|${messageId}`);
  return earlier(named, meant) ?? null;
}

/** By event time, and what stands at one instant by institution and id. */
export function inOrder(a: Settlement, b: Settlement): number {
  return a.eventTime - b.eventTime || (keyOf(a) < keyOf(b) ? -1 : 1);
}

/** A settlement's id is unique within its institution alone. */
export function keyOf({ institution, settlementId }: Settlement): string {
  return `${institution}|${settlementId}`;
}

/** As staysOf, in no order that may decide anything. Times in ms. */
export function stayOutlines({ settlements }: PersonOutline): { begin: number; end: number }[] {
  const stays: { begin: number; end: number }[] = [];
  for (const each of settlements) {
    const { begin, end } = each;
    if (begin !== null && end !== null && begin <= end && !isVisit(each)) stays.push({ begin, end });
  }
  return stays;
}

/** Bills of a stay: any other kind with a day of admission and one of discharge. In order of admission. */
export function staysOf(settled: readonly Settled[]): Stay[] {
  const stays: Stay[] = [];
  for (const each of settled) {
    const { begin, end } = each.settlement;
    if (begin !== null && end !== null && begin <= end && !isVisit(each.settlement))
      stays.push({ ...each, begin, end });
  }
  return stays.sort((a, b) => a.begin - b.begin || inOrder(a.settlement, b.settlement));
}

/** Whether both are bills of one visit (mdtrt_id): of a long stay that is settled in parts, nobody was discharged in between. */
export function areOfOneStay({ settlement: a }: Stay, { settlement: b }: Stay): boolean {
  if (a.institution !== b.institution) return false;
  const { visit } = a.cold.get();
  return visit !== null && visit === b.cold.get().visit;
}

/**
 * When the person died, by the latest word about life and death; null: alive as far as is known. ms. That somebody is suspended says
 * nothing of it: it is what is done about a death.
 */
export function deathOf(documents: readonly LaneEvent[]): { at: number; status: PersonStatus } | null {
  let last: PersonStatus | null = null;
  for (const event of documents)
    if (event.kind === 'personStatus' && event.status !== 'suspended')
      if (last === null || event.eventTime >= last.eventTime) last = event;
  return last === null || last.status !== 'deceased' ? null : { at: last.effectiveAt, status: last };
}

export function startsWithAny(diagnosis: string | null, prefixes: readonly string[]): boolean {
  return diagnosis !== null && prefixes.some((prefix) => diagnosis.startsWith(prefix));
}

export interface PersonClaim {
  /** What completes the claim: it names the alert's time, institution and, where nothing else is given, its anchor. */
  settled: Settled;
  anchor?: string;
  /** The settlements it rests on beside that one. */
  others: readonly Settled[];
  /** fen; default: what the fund paid for the completing settlement. */
  amount?: number;
  facts: Record<string, unknown>;
  reason: string;
}

/** More evidence than this would not fit a record of the log: the latest are listed, the others counted. */
const MOST_LISTED = 200;

export function personClaim({ settled, anchor, others, amount, facts, reason }: PersonClaim): Raise {
  const { settlement, reversal } = settled;
  const times = [...others, settled].map((each) => each.settlement.eventTime);
  const listed = [...others.slice(-MOST_LISTED), settled];
  return {
    subject: { kind: 'person', ref: settlement.person },
    institution: settlement.institution,
    anchor: anchor ?? keyOf(settlement),
    window: { start: times.reduce((a, b) => Math.min(a, b)), end: times.reduce((a, b) => Math.max(a, b)) },
    eventTime: settlement.eventTime,
    amount: amount ?? settlement.fund,
    facts: {
      settlement: settlement.settlementId,
      ...facts,
      ...(others.length > MOST_LISTED ? { evidence_not_listed: others.length - MOST_LISTED } : {}),
      ...(reversal === null ? {} : { reversed_by: reversal.id, reversed_at: isoShanghai(reversal.at) }),
    },
    evidence: listed.flatMap((each) =>
      [each.settlement.settlementId, ...(each.reversal === null ? [] : [each.reversal.id])].map((ref) => ({
        kind: 'settlement' as const,
        ref,
      })),
    ),
    reason,
  };
}

/** What was taken back by then is not in hand any more, and was not kept. @param at ms */
export function isKeptAt({ reversal }: Settled, at: number): boolean {
  return reversal === null || reversal.at > at;
}

/** Local days from one instant to another. ms */
export function daysBetween(from: number, to: number): number {
  return localDay(to) - localDay(from);
}
