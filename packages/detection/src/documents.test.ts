// The document book: first, repeat, contradiction, and a lower one that is read later.
import { ColdPart, DAY_MS, digest, type Settlement } from '@yunjian/contracts';
import { describe, expect, test } from 'vitest';
import { RowBlock } from './blocks.ts';
import { DocumentBook } from './documents.ts';
import { type Change, checkpointed, KeyedState } from './state.ts';

const keysOf = ({ key, value }: Change): string[] =>
  value instanceof RowBlock ? Array.from(value.entries(), ([each]) => each) : [key];

function settlement(arrival: number, offset: number, content = 'a'.repeat(11), fund = 100): Settlement {
  return {
    kind: 'settlement',
    arrival,
    origin: { feed: 'settlement', partition: 0, offset, index: 0 },
    eventTime: 5,
    institution: 'P',
    document: 'd'.repeat(22),
    content,
    cold: ColdPart.of({ eventId: '', source: '' } as never),
    settlementId: 'S',
    person: 'p',
    certificate: '02',
    medicalType: '41',
    total: fund,
    fund,
    terminal: null,
    byAgent: false,
    messageId: null,
    prescription: null,
    begin: null,
    end: null,
    diagnosis: null,
  };
}
const book = (state = new KeyedState()) => new DocumentBook(state);

describe('the document book', () => {
  test('lets the first through, and its repeats not', () => {
    const b = book();
    expect(b.receive(settlement(1, 1))).toEqual({ kind: 'news', news: { replaces: null } });
    expect(b.receive(settlement(2, 2))).toEqual({ kind: 'repeat' });
  });

  test('refuses the later of two contents', () => {
    const b = book();
    b.receive(settlement(1, 1));
    expect(b.receive(settlement(2, 2, 'b'.repeat(11)))).toMatchObject({
      kind: 'conflict',
      refused: { arrival: 2 },
      news: null,
    });
  });

  test('a lower one that is read later takes the place, and the known one is refused', () => {
    const b = book();
    b.receive(settlement(5, 5, 'a'.repeat(11), 70));
    expect(b.receive(settlement(3, 9, 'b'.repeat(11)))).toMatchObject({
      kind: 'conflict',
      refused: { arrival: 5, origin: { offset: 5 } },
      news: { replaces: { eventTime: 5, fund: 70 } },
    });
    expect(b.receive(settlement(4, 10, 'b'.repeat(11)))).toEqual({ kind: 'repeat' });
  });

  test('of two that were laid into every partition the first partition alone reports the conflict', () => {
    const copy = (offset: number, index: number, content: string): Settlement => ({
      ...settlement(offset, offset, content.repeat(11)),
      origin: { feed: 'reference', partition: 0, offset, index },
    });
    const conflicts = [0, 1, 2].map((partition) => {
      const b = book();
      b.receive(copy(1, partition, 'a'));
      return b.receive(copy(2, partition, 'b'));
    });
    expect(conflicts).toMatchObject([
      { kind: 'conflict', reportedElsewhere: false },
      { kind: 'conflict', reportedElsewhere: true },
      { kind: 'conflict', reportedElsewhere: true },
    ]);
  });

  test('what was laid into every partition and contradicts what lies in this one alone is reported here', () => {
    const b = book();
    b.receive({ ...settlement(1, 1), origin: { feed: 'reference', partition: 0, offset: 1, index: 0 } });
    const further = { feed: 'reference', partition: 0, offset: 2, index: 2 } as const;
    expect(b.receive({ ...settlement(2, 2, 'b'.repeat(11)), origin: further })).toMatchObject({
      kind: 'conflict',
      reportedElsewhere: false,
    });
  });

  test('knows what it knew after a restart', () => {
    const state = new KeyedState();
    const before = book(state);
    const many = Array.from({ length: 5_000 }, (_, i) => ({ ...settlement(1_000 + i, i), document: digest(`d${i}`) }));
    for (const event of many) before.receive(event);
    const restored = new KeyedState();
    for (const change of state.takeChanges()) restored.load(checkpointed(change));
    const again = book(restored);
    expect([...restored.all()].flatMap(keysOf)).toHaveLength(many.length);
    for (const event of many) {
      expect(again.receive({ ...event, arrival: 9_000 })).toEqual({ kind: 'repeat' });
      expect(again.receive({ ...event, arrival: 1, content: 'b'.repeat(11) })).toMatchObject({
        refused: { arrival: event.arrival, origin: event.origin },
        news: { replaces: { eventTime: 5, fund: 100 } },
      });
    }
    const written = restored.takeChanges();
    expect(written.reduce((rows, change) => rows + (change.rows ?? 1), 0)).toBe(many.length);
  });

  test('what is past its time is forgotten, the others are found behind it, also by whoever walks over them meanwhile', () => {
    const state = new KeyedState();
    const b = book(state);
    const check = (i: number, arrival: number) =>
      ({ ...settlement(arrival, i), kind: 'identityCheck', document: digest(`c${i}`) }) as never;
    for (let i = 0; i < 2_000; i++) b.receive(check(i, i % 2 === 0 ? 0 : DAY_MS));
    state.takeChanges();
    const walk = state.all();
    const met = new Set(Array.from({ length: 8 }, () => keysOf(walk.next().value as Change)).flat());
    for (let mark = 0; mark < 70; mark++) b.prune(2 * DAY_MS + 1);
    for (const change of walk) for (const key of keysOf(change)) met.add(key);
    expect(state.size).toBe(1_000);
    const left = [...state.all()].flatMap(keysOf);
    expect(left).toHaveLength(1_000);
    for (const key of left) expect(met).toContain(key);
    for (let i = 0; i < 2_000; i++)
      expect(b.receive(check(i, 3 * DAY_MS)).kind, `check ${i}`).toBe(i % 2 === 0 ? 'news' : 'repeat');
  });

  test('settlements are known for 400 days', () => {
    const b = book();
    b.receive(settlement(0, 1));
    b.prune(399 * DAY_MS);
    expect(b.receive(settlement(399 * DAY_MS, 2))).toEqual({ kind: 'repeat' });
  });
});
