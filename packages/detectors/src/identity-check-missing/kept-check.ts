// A check as the judgement looks at it: what every settlement near it asks, and its row of the checkpoint as text, which holds the rest.
// Checks that name nobody are kept so; the others are, for as long as they are looked at (named-checks.ts).
import type { IdentityCheck } from '@yunjian/contracts';
import { type Codec, JsonText, type RowObject } from '@yunjian/detection';

export interface KeptCheck extends RowObject {
  readonly institution: string;
  /** Its document. */
  readonly key: string;
  /** Event time, ms. */
  readonly at: number;
  /** Arrival behind the event time, ms. */
  readonly arrived: number;
  readonly device: string;
  /** As the check names it; else the registration tells. */
  readonly terminal: string | null;
  readonly person: string | null;
  readonly passed: boolean;
  /** Neither passed nor failed: it was skipped. */
  readonly skipped: boolean;
  /** A `PackedCheck`. */
  readonly text: string;
}

/** What only a claim asks. */
export interface CheckDetails {
  similarity: number | null;
  uri: string | null;
  sha256: string | null;
}

const [PASSED, SKIPPED] = [1, 2];
/** How nearly every cold part begins: its clip is read without parsing it. */
const ORDINARY =
  /^\{"eventId":"[^"\\]*","source":"[^"\\]*","evidence":(\{"uri":(?:null|"[^"\\]*"),"sha256":(?:null|"[^"\\]*"))[,}]/;

export interface Clip {
  uri: string | null;
  sha256: string | null;
}

type PackedCheck = [
  institution: string,
  at: number,
  /** Behind `at`, ms. */
  arrived: number,
  device: string,
  terminal: string | null,
  person: string | null,
  flags: number,
  similarity: number | null,
  /** Before checks were kept as text: uri and, behind it, sha256. */
  clip: Clip | string | null,
  sha256?: string | null,
];

export function keptCheck(event: IdentityCheck): KeptCheck {
  const { institution, document: key, eventTime: at, device, terminal, person, result, similarity } = event;
  const arrived = event.arrival - at;
  const [passed, skipped] = [result === 'passed', result === 'skipped'];
  const flags = (passed ? PASSED : 0) | (skipped ? SKIPPED : 0);
  const known = JSON.stringify([institution, at, arrived, device, terminal, person, flags, similarity]);
  // Joined, for a text of its own: one made of others would keep them all in memory.
  const text = [known.slice(0, -1), ',', clipText(event), ']'].join('');
  return { institution, key, at, arrived, device, terminal, person, passed, skipped, text, dirty: false, gone: false };
}

export function detailsOf({ text }: KeptCheck): CheckDetails {
  const [, , , , , , , similarity, clip] = JSON.parse(text) as PackedCheck;
  const { uri, sha256 } = (clip as Clip | null) ?? { uri: null, sha256: null };
  return { similarity, uri, sha256 };
}

/** Under its document. */
export const checkCodec: Codec<KeptCheck> = {
  pack: ({ text }) => new JsonText(text),
  unpack: (packed, key) => keptCheckOf(key, packed as PackedCheck),
};

export function keptCheckOf(key: string, packed: PackedCheck): KeptCheck {
  const [institution, at, arrived, device, terminal, person, flags, similarity, clip, sha256] = packed;
  const [passed, skipped] = [(flags & PASSED) !== 0, (flags & SKIPPED) !== 0];
  const now = typeof clip === 'string' ? { uri: clip, sha256: sha256 ?? null } : clip;
  const text = JSON.stringify([institution, at, arrived, device, terminal, person, flags, similarity, now]);
  return { institution, key, at, arrived, device, terminal, person, passed, skipped, text, dirty: false, gone: false };
}

/** The check's clip as JSON, or null. */
export function clipText({ cold }: IdentityCheck): string {
  const ordinary = ORDINARY.exec(cold.json());
  if (ordinary !== null) return `${ordinary[1]}}`;
  const { evidence } = cold.get();
  return evidence === undefined ? 'null' : JSON.stringify({ uri: evidence.uri, sha256: evidence.sha256 });
}
