// Clips of readings that showed nobody: of each camera the last minutes', and of a claim the nearest to its settlement, for as long as it stands.
import type { EvidenceRef, Presence } from '@yunjian/contracts';
import type { DetectorHost, Table } from '@yunjian/detection';
import type { Bill } from '../bill.ts';
import type { Bills } from '../bills.ts';
import type { Window } from '../camera-watch.ts';
import { Marks } from '../marks.ts';

/** One clip for each of so many stretches of so many ms: what a claim looks back on when it is made in time. */
const STRETCH_MS = 30_000;
const STRETCHES = 8;
/** A claim names at most so many. */
const CITED = 3;

interface Clip {
  /** Event time of the reading, ms. */
  at: number;
  document: string;
  device: string;
  terminal: string | null;
  uri: string;
  sha256: string | null;
}

export class EmptyClips {
  /** By place and stretch; a later stretch takes an earlier one's row. */
  readonly #recent: Table<Clip>;
  /** Places of which there is any, by institution. Built anew on restore. */
  readonly #places = new Map<string, Set<string>>();
  readonly #cited: Marks<{ clips: Clip[] }>;

  constructor(host: Pick<DetectorHost<never>, 'table'>, bills: Bills) {
    this.#recent = host.table('clip', { hot: true });
    this.#cited = new Marks(host, bills, {
      table: 'cited',
      codec: {
        pack: ({ clips }) => clips,
        unpack: (packed) => ({ clips: packed as Clip[] }),
      },
      fresh: () => ({ clips: [] as Clip[] }),
      isFresh: ({ clips }) => clips.length === 0,
      holds: () => false,
    });
  }

  restore(): void {
    this.#cited.restore();
    for (const [key] of this.#recent.entries()) this.#note(key.slice(0, key.lastIndexOf('|')));
  }

  /** Takes a reading, whatever it shows. */
  take({ institution, device, terminal, persons, eventTime: at, document, cold }: Presence): void {
    if (persons > 0 || !cold.mayHold('"evidence"')) return;
    const { uri = null, sha256 = null } = cold.get().evidence ?? {};
    if (uri === null) return;
    const place = `${institution}|${device}|${terminal ?? ''}`;
    const stretch = Math.floor(at / STRETCH_MS);
    const key = `${place}|${stretch % STRETCHES}`;
    const known = this.#recent.get(key);
    // Of one stretch the first reading, in whatever order they come.
    if (known !== undefined && !comesBefore(stretch, { at, document }, known)) return;
    this.#recent.set(key, { at, document, device, terminal, uri, sha256 });
    if (known === undefined) this.#note(place);
  }

  /** What the claim rests on: the clips nearest to the settlement among those cited before and those of the last minutes. */
  cite(bill: Bill, cameras: readonly string[], { start, deadline }: Window): EvidenceRef[] {
    const known = this.#cited.of(bill)?.clips ?? [];
    const clips = new Map<string, Clip>();
    for (const clip of [...known, ...this.#recentAt(bill.institution)])
      if (clip.at >= start && clip.at <= deadline && isOf(clip, bill, cameras)) clips.set(clip.document, clip);
    const nearest = [...clips.values()]
      .sort((a, b) => Math.abs(a.at - bill.at) - Math.abs(b.at - bill.at) || inOrder(a, b))
      .slice(0, CITED)
      .sort(inOrder);
    this.#keep(bill, nearest);
    return nearest.map(({ document: ref, uri, sha256 }) => ({
      kind: 'clip',
      ref,
      uri,
      ...(sha256 === null ? {} : { sha256 }),
    }));
  }

  /** Nothing is claimed of it any more. */
  release(bill: Bill): void {
    this.#keep(bill, []);
  }

  #keep(bill: Bill, clips: Clip[]): void {
    if (clips.length === 0 && this.#cited.of(bill) === undefined) return;
    this.#cited.make(bill).clips = clips;
    this.#cited.changed(bill);
  }

  *#recentAt(institution: string): Generator<Clip> {
    for (const place of this.#places.get(institution) ?? [])
      for (let stretch = 0; stretch < STRETCHES; stretch++) {
        const clip = this.#recent.get(`${place}|${stretch}`);
        if (clip !== undefined) yield clip;
      }
  }

  #note(place: string): void {
    const institution = place.slice(0, place.indexOf('|'));
    const places = this.#places.get(institution);
    if (places === undefined) this.#places.set(institution, new Set([place]));
    else places.add(place);
  }
}

function comesBefore(stretch: number, reading: Pick<Clip, 'at' | 'document'>, known: Clip): boolean {
  const other = Math.floor(known.at / STRETCH_MS);
  return stretch === other ? inOrder(reading, known) < 0 : stretch > other;
}

function inOrder(a: Pick<Clip, 'at' | 'document'>, b: Pick<Clip, 'at' | 'document'>): number {
  return a.at - b.at || (a.document < b.document ? -1 : 1);
}

/** As readings are held against a settlement: by terminal where both name one, else by the cameras registered. */
function isOf({ device, terminal }: Clip, bill: Bill, cameras: readonly string[]): boolean {
  return terminal === null || bill.terminal === null ? cameras.includes(device) : terminal === bill.terminal;
}
