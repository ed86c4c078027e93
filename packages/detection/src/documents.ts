// The document book of a lane partition: which document came first under each identity, what repeats it, what contradicts it.
import { compareDocuments, type LaneEvent, type Origin } from '@yunjian/contracts';
import type { DocumentNews } from './define.ts';
import { DocumentPages } from './document-pages.ts';
import type { KeyedState } from './state.ts';

export type Reception =
  | { kind: 'news'; news: DocumentNews }
  | { kind: 'repeat' }
  /** `refused`: where the document came from that loses; news: the one just read is lower and takes the place. */
  | {
      kind: 'conflict';
      refused: { origin: Origin; arrival: number };
      news: DocumentNews | null;
      /** Both were laid into every partition: the first of them reports it. */
      reportedElsewhere: boolean;
    };

const NEWS: Reception = { kind: 'news', news: { replaces: null } };
const REPEAT: Reception = { kind: 'repeat' };

export class DocumentBook {
  readonly #pages = new DocumentPages();

  constructor(state: KeyedState) {
    state.attach('document', this.#pages);
  }

  receive(event: LaneEvent): Reception {
    // Signs of life repeat harmlessly and are too many to remember.
    if (event.kind === 'heartbeat' || event.kind === 'presence') return NEWS;
    const found = this.#pages.find(event.document, event.content);
    if (found === null) {
      this.#keep(event);
      return NEWS;
    }
    const { known, same } = found;
    const lower = compareDocuments(event, known) < 0;
    if (lower) this.#keep(event);
    if (same) return REPEAT;
    const reportedElsewhere = isFurtherCopy(event.origin) && isFurtherCopy(known.origin);
    if (!lower) return { kind: 'conflict', refused: event, news: null, reportedElsewhere };
    const news = { replaces: { eventTime: known.eventTime, fund: known.fund } };
    return { kind: 'conflict', refused: known, news, reportedElsewhere };
  }

  /** Forgets what is past its time. @param clock arrival clock of the slower feed, ms. */
  prune(clock: number): void {
    this.#pages.prune(clock);
  }

  #keep(event: LaneEvent): void {
    const counted = event.kind === 'settlement' || event.kind === 'reversal';
    this.#pages.keep(event.document, event.content, {
      eventTime: event.eventTime,
      fund: counted ? event.fund : 0,
      arrival: event.arrival,
      origin: event.origin,
      lasting: counted || event.origin.feed === 'reference',
    });
  }
}

/** What is laid into every partition is numbered by them; whatever enters one alone is the first that is laid of its raw record. */
function isFurtherCopy({ feed, index }: Origin): boolean {
  return feed === 'reference' && index > 0;
}
