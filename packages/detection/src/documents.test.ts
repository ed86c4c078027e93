// The document book: first, repeat, contradiction, and a lower one that is read later.
import { ColdPart, DAY_MS, type Settlement } from '@yunjian/contracts';
import { describe, expect, test } from 'vitest';
import { DocumentBook } from './documents.ts';
import { KeyedState } from './state.ts';

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
const book = (state = new KeyedState()) => new DocumentBook(state.table('document'));

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

  test('knows what it knew after a restart', () => {
    const state = new KeyedState();
    book(state).receive(settlement(1, 1));
    const again = book(state);
    again.restore();
    expect(again.receive(settlement(2, 2))).toEqual({ kind: 'repeat' });
  });

  test('settlements are known for 400 days', () => {
    const b = book();
    b.receive(settlement(0, 1));
    b.prune(399 * DAY_MS);
    expect(b.receive(settlement(399 * DAY_MS, 2))).toEqual({ kind: 'repeat' });
  });
});
