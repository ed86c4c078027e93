// The oracle's reading of "a document counts once, the first is the lowest": everything sorted, nothing incremental.
import { compareDocuments, type YunjianEvent } from '@yunjian/contracts';

/** The events that count, in the order of their documents; repeats and contradictions left out. */
export function firstDocuments(events: readonly YunjianEvent[]): YunjianEvent[] {
  const seen = new Set<string>();
  return [...events].sort(compareDocuments).filter(({ document, kind }) => {
    if (kind === 'heartbeat' || kind === 'presence') return true;
    if (seen.has(document)) return false;
    seen.add(document);
    return true;
  });
}

export function ofKind<K extends YunjianEvent['kind']>(
  events: readonly YunjianEvent[],
  ...kinds: K[]
): Extract<YunjianEvent, { kind: K }>[] {
  return events.filter((event) => (kinds as string[]).includes(event.kind)) as Extract<YunjianEvent, { kind: K }>[];
}

/** What the oracle expects to stand at the end. Everything else must not stand. */
export interface Expected {
  detector: string;
  institution: string | null;
  subject: string;
  tier?: number;
  level?: number;
  facts?: Record<string, unknown>;
}
