// A counter's settlements, each weighed as the first of its minutes: persons by card against people seen. One pass over a stretch of time.
import type { DetectorHost } from '@yunjian/detection';
import { type Bill, excuses, inOrder } from '../bill.ts';
import type { Bills } from '../bills.ts';
import type { CameraWatch } from '../camera-watch.ts';
import { MANY, type PresenceBook, type Readings, type Seen, seenIn } from '../presence-runs.ts';
import type { ClusterParams } from './params.ts';

export interface Counter {
  institution: string;
  terminal: string;
}

/** A settlement, and what its minutes hold; whether cameras were alive is another question. */
export interface Weighed {
  bill: Bill;
  deadline: number;
  /** More cards than people. */
  tooMany: boolean;
  persons: number;
  /** The most people that the camera saw. */
  seen: number;
  /** Settlements of its minutes that are not excused, in order; of them those behind one, if it is given. */
  bills(behind?: Bill): Bill[];
}

/** What a counter is weighed by. */
export interface Sources {
  host: Pick<DetectorHost<ClusterParams>, 'params'>;
  bills: Bills;
  presence: PresenceBook;
  watch: CameraWatch;
}

/** Every settlement at the counter with from ≤ at ≤ to, ms, in order. */
export function* weigh(
  { host, bills, presence, watch }: Sources,
  { institution, terminal }: Counter,
  from: number,
  to: number,
): Generator<Weighed> {
  const { within, persons: least } = host.params(institution);
  const reach = within * 1000;
  const here = bills
    .between(institution, from, to + reach)
    .filter((bill) => bill.terminal === terminal && !bill.byAgent && (bills.isRecent(bill) || watch.knows(bill)));
  const reversals = here.map((bill) => bills.reversalOf(bill));
  /** Settlements of each person within the minutes, those that a reversal may excuse left out. */
  const cards = new Map<string, number>();
  const doubtful = new Set<number>();
  let [first, end] = [0, 0];
  let watched: readonly string[] | null = null;
  let readings: Readings = [];
  for (const [own, bill] of here.entries()) {
    if (bill.at > to) return;
    const deadline = bill.at + reach;
    for (; (here[first] as Bill).at < bill.at; first++)
      if (!doubtful.delete(first)) leave(cards, (here[first] as Bill).person);
    for (; end < here.length && (here[end] as Bill).at <= deadline; end++)
      if (reversals[end] === null) enter(cards, (here[end] as Bill).person);
      else doubtful.add(end);
    const [begin, until] = [first, end];
    const counts = (i: number) => !excuses(reversals[i] ?? null, deadline);
    const others = new Set<string>();
    for (const i of doubtful)
      if (counts(i) && !cards.has((here[i] as Bill).person)) others.add((here[i] as Bill).person);
    const persons = cards.size + others.size;
    const cameras = watch.cameras(bill);
    let seen: Seen = { any: true, most: watch.told(bill) - 1 };
    if (!watch.tooOld(bill)) {
      if (cameras !== watched) readings = presence.readings(institution, terminal, bill.at);
      watched = cameras;
      seen = seenIn(readings, bill.at, deadline);
    }
    yield {
      bill,
      deadline,
      tooMany: persons >= least && seen.any && seen.most < Math.min(persons, MANY) && cameras.length > 0 && counts(own),
      persons,
      seen: seen.most,
      bills: (behind) => {
        const found: Bill[] = [];
        for (let i = until - 1; i >= begin; i--) {
          const other = here[i] as Bill;
          if (behind !== undefined && inOrder(other, behind) <= 0) break;
          if (counts(i)) found.push(other);
        }
        return found.reverse();
      },
    };
  }
}

/** Counters at which they were settled, each once, in order. */
export function countersOf(bills: readonly Bill[]): Counter[] {
  const counters = new Map<string, Counter>();
  for (const { institution, terminal } of bills)
    if (terminal !== null) counters.set(`${institution}|${terminal}`, { institution, terminal });
  return [...counters].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, counter]) => counter);
}

function enter(cards: Map<string, number>, person: string): void {
  cards.set(person, (cards.get(person) ?? 0) + 1);
}

function leave(cards: Map<string, number>, person: string): void {
  const left = (cards.get(person) as number) - 1;
  if (left === 0) cards.delete(person);
  else cards.set(person, left);
}
