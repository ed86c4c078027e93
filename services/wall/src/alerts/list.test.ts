import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { entryAt } from '../testing/alerts.ts';
import { CursorError, listAlerts } from './list.ts';
import { AlertStore } from './store.ts';

const store = new AlertStore();
store.apply(
  [
    entryAt(0, { id: 'raised' }),
    entryAt(1, { id: 'acked', state: { acked: true }, institution: 'H32110200009' }),
    entryAt(2, { id: 'withdrawn', state: { raised: false } }),
    entryAt(3, { id: 'disposed', state: { disposed: true, acked: true }, detector: 'quarterly-spend' }),
    entryAt(4, { id: 'shelved', state: { shelved: true } }),
  ],
  5,
);

interface Page {
  alerts: { alert_id: string }[];
  next_cursor: string | null;
}
const page = (query: string) => JSON.parse(listAlerts(store, 'e', new URLSearchParams(query))) as Page;
const ids = (query: string) => page(query).alerts.map((a) => a.alert_id);

describe('listAlerts', () => {
  it('gives everything without a filter, newest first', () => {
    expect(page('')).toMatchObject({ next_cursor: null });
    expect(ids('')).toEqual(['shelved', 'disposed', 'withdrawn', 'acked', 'raised']);
  });

  it('filters by state flags, detector and institution', () => {
    expect(ids('state=raised')).toEqual(['shelved', 'disposed', 'acked', 'raised']);
    expect(ids('state=withdrawn')).toEqual(['withdrawn']);
    expect(ids('state=acked')).toEqual(['disposed', 'acked']);
    expect(ids('state=shelved')).toEqual(['shelved']);
    expect(ids('state=disposed')).toEqual(['disposed']);
    expect(ids('state=open')).toEqual(['raised']);
    expect(ids('detector=quarterly-spend')).toEqual(['disposed']);
    expect(ids('fixmedins_code=H32110200009')).toEqual(['acked']);
  });

  it('pages with a cursor that holds only for its own log', () => {
    const first = page('limit=2');
    const second = page(`limit=2&cursor=${first.next_cursor}`);
    const third = page(`limit=2&cursor=${second.next_cursor}`);
    expect([first, second, third].map((p) => p.alerts.length)).toEqual([2, 2, 1]);
    expect(third.next_cursor).toBe(null);
    expect(() => listAlerts(store, 'other', new URLSearchParams({ cursor: first.next_cursor! }))).toThrow(CursorError);
    expect(() => page('cursor=AAAA')).toThrow(CursorError);
  });

  it('refuses what it does not know', () => {
    for (const query of ['limit=0', 'limit=501', 'limit=x', 'state=happy', 'colour=red', 'level=5'])
      expect(() => page(query), query).toThrow(z.ZodError);
  });
});
