// How a checkpoint writes a bill: as a short array, since they are many.
import type { Bill, House } from './bill.ts';

const [BY_AGENT, REMOTE, PRESCRIBED] = [1, 2, 4];

type Packed = [
  at: number,
  /** Behind `at`, ms. */
  arrived: number,
  person: string,
  terminal: string | null,
  fund: number,
  type: string,
  flags: number,
  messageId?: string | null,
  /** Name and value of each. */
  ...notes: unknown[],
];

/** Under `institution|id`. */
export function pack(bill: Bill, noteNames: readonly string[]): Packed {
  const { at, arrival, person, terminal, fund, type, byAgent, remote, prescribed, messageId, notes } = bill;
  const flags = (byAgent ? BY_AGENT : 0) | (remote ? REMOTE : 0) | (prescribed ? PRESCRIBED : 0);
  if (notes === null)
    return messageId === null
      ? [at, arrival - at, person, terminal, fund, type, flags]
      : [at, arrival - at, person, terminal, fund, type, flags, messageId];
  const packed: Packed = [at, arrival - at, person, terminal, fund, type, flags, messageId];
  for (let i = 0; i < notes.length; i++) if (notes[i] !== undefined) packed.push(noteNames[i], notes[i]);
  return packed;
}

export function unpack(
  packed: unknown,
  key: string,
  houseOf: (institution: string) => House,
  noteNumber: (name: string) => number,
): Bill {
  const [at, arrived, person, terminal, fund, type, flags, messageId = null, ...named] = packed as Packed;
  const bar = key.indexOf('|');
  const house = houseOf(key.slice(0, bar));
  let notes: unknown[] | null = null;
  for (let i = 0; i < named.length; i += 2) {
    notes ??= [];
    notes[noteNumber(named[i] as string)] = named[i + 1];
  }
  return {
    house,
    institution: house.institution,
    id: key.slice(bar + 1),
    messageId,
    at,
    arrival: at + arrived,
    person,
    terminal,
    fund,
    type,
    byAgent: (flags & BY_AGENT) !== 0,
    remote: (flags & REMOTE) !== 0,
    prescribed: (flags & PRESCRIBED) !== 0,
    notes,
    marks: null,
    reversed: false,
    earlier: null,
    dirty: false,
    gone: false,
  };
}
