// The document book of a lane partition: which document came first under each identity, what repeats it, what contradicts it.
import { compareDocuments, DAY_MS, type LaneEvent, type Origin } from '@yunjian/contracts';
import type { DocumentNews } from './define.ts';
import type { Table } from './state.ts';

/** Settlements and reversals are known for 400 days (contract: older events are refused), the rest for 48 h of arrival. */
const LONG_MS = 400 * DAY_MS;
const SHORT_MS = 2 * DAY_MS;

/** [content, eventTime, fund, arrival, feed, partition, offset, index, keptUntil] */
type Entry = [string, number, number, number, Origin['feed'], number, number, number, number];

/** Signs of life repeat harmlessly and are too many to remember; marks and rule changes are no documents. */
const NOT_KEPT = new Set<LaneEvent['kind']>(['heartbeat', 'presence']);

export type Reception =
  | { kind: 'news'; news: DocumentNews }
  | { kind: 'repeat' }
  /** `refused`: where the document came from that loses; news: the one just read is lower and takes the place. */
  | { kind: 'conflict'; refused: { origin: Origin; arrival: number }; news: DocumentNews | null };

const NEWS: Reception = { kind: 'news', news: { replaces: null } };
const REPEAT: Reception = { kind: 'repeat' };

export class DocumentBook {
  readonly #table: Table<Entry>;
  #expiry: { until: number; document: string }[] = [];

  constructor(table: Table<Entry>) {
    this.#table = table;
  }

  restore(): void {
    this.#expiry = [...this.#table.entries()].map(([document, entry]) => ({ until: entry[8], document }));
    this.#expiry.sort((a, b) => a.until - b.until);
  }

  receive(event: LaneEvent): Reception {
    if (NOT_KEPT.has(event.kind)) return NEWS;
    const known = this.#table.get(event.document);
    if (known === undefined) {
      this.#keep(event);
      return NEWS;
    }
    const first = {
      arrival: known[3],
      origin: { feed: known[4], partition: known[5], offset: known[6], index: known[7] },
    };
    const lower = compareDocuments(event, first) < 0;
    const same = known[0] === event.content;
    if (lower) this.#keep(event);
    if (same) return REPEAT;
    if (!lower) return { kind: 'conflict', refused: event, news: null };
    return { kind: 'conflict', refused: first, news: { replaces: { eventTime: known[1], fund: known[2] } } };
  }

  /** Forgets what is past its time. @param clock arrival clock of the slower feed, ms. */
  prune(clock: number): void {
    let gone = 0;
    while (gone < this.#expiry.length) {
      const next = this.#expiry[gone] as { until: number; document: string };
      if (next.until >= clock) break;
      if (this.#table.get(next.document)?.[8] === next.until) this.#table.delete(next.document);
      gone++;
    }
    if (gone > 0) this.#expiry.splice(0, gone);
  }

  #keep(event: LaneEvent): void {
    const lasting = event.kind === 'settlement' || event.kind === 'reversal' || event.origin.feed === 'reference';
    const until = event.arrival + (lasting ? LONG_MS : SHORT_MS);
    const fund = event.kind === 'settlement' || event.kind === 'reversal' ? event.fund : 0;
    const { feed, partition, offset, index } = event.origin;
    this.#table.set(event.document, [
      event.content,
      event.eventTime,
      fund,
      event.arrival,
      feed,
      partition,
      offset,
      index,
      until,
    ]);
    if (!lasting) this.#expiry.push({ until, document: event.document });
  }
}
