// What a lane's core decides, for others to send on.
import type { Finding, LaneEvent, Origin } from '@yunjian/contracts';

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

export function noEffects(): Effects {
  return { findings: [], conflicts: [], poison: [], counts: new Map() };
}

/** @param refused where the document came from that loses. */
export function conflictOf(
  { institution, document }: LaneEvent,
  { origin, arrival }: { origin: Origin; arrival: number },
): Conflict {
  return { refused: { origin, arrival }, institution, document };
}
