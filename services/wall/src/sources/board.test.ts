import { FEEDS, type Mark } from '@yunjian/contracts';
import { describe, expect, it } from 'vitest';
import { SourceBoard } from './board.ts';

const T = 1_800_000_000_000;
const partitions = { settlement: 2, surveillance: 1, trace: 1, reference: 1 };

function mark(arrivals: Record<string, [arrival: number, lastEvent: number | null]>): Mark {
  const entries = Object.entries(arrivals).map(([of, [arrival, lastEvent]]) => {
    const [feed, partition] = of.split('/');
    return { feed: feed as (typeof FEEDS)[number], partition: Number(partition), next: 1, arrival, lastEvent };
  });
  return { kind: 'mark', entries, partitions };
}

const stateOf = (board: SourceBoard, name: string, now: number, silent = new Set<string>()) =>
  board.states(now, silent).find((s) => s.name === name)!;

describe('SourceBoard', () => {
  it('calls a feed never seen `never`, and every feed by name', () => {
    expect(new SourceBoard().states(T).map(({ name, state }) => [name, state])).toEqual(FEEDS.map((f) => [f, 'never']));
  });

  it('takes the slowest partition as the clock, and has none before every partition is known', () => {
    const board = new SourceBoard();
    board.mark(mark({ 'settlement/0': [T, T] }));
    expect(stateOf(board, 'settlement', T)).toMatchObject({ state: 'stale', clock_at: null });
    board.mark(mark({ 'settlement/1': [T - 5000, null] }));
    expect(stateOf(board, 'settlement', T)).toMatchObject({ state: 'live' });
    expect(Date.parse(stateOf(board, 'settlement', T).clock_at!)).toBe(T - 5000);
    expect(Date.parse(stateOf(board, 'settlement', T).last_event_at!)).toBe(T);
  });

  it('shows our own standstill as stale, never as live', () => {
    const board = new SourceBoard();
    board.mark(mark({ 'trace/0': [T, T] }));
    expect(stateOf(board, 'trace', T + 15_000).state).toBe('live');
    expect(stateOf(board, 'trace', T + 15_001).state).toBe('stale');
  });

  it('shows a feed whose ticks go on without events as stale after 30 s, but lets the reference feed rest', () => {
    const board = new SourceBoard();
    board.mark(mark({ 'trace/0': [T + 31_000, T], 'reference/0': [T + 31_000, T - 1e9] }));
    expect(stateOf(board, 'trace', T + 31_000).state).toBe('stale');
    expect(stateOf(board, 'reference', T + 31_000).state).toBe('live');
  });

  it('believes a standing source-silent alert', () => {
    const board = new SourceBoard();
    board.mark(mark({ 'trace/0': [T, T] }));
    expect(stateOf(board, 'trace', T, new Set(['trace'])).state).toBe('stale');
  });

  it('never goes back for an older mark', () => {
    const board = new SourceBoard();
    board.mark(mark({ 'trace/0': [T, T] }));
    board.mark(mark({ 'trace/0': [T - 60_000, null] }));
    expect(stateOf(board, 'trace', T).state).toBe('live');
  });

  it('expects stages to beat', () => {
    const board = new SourceBoard();
    board.expect('alerting');
    expect(stateOf(board, 'alerting', T).state).toBe('never');
    board.beat('alerting', T);
    expect(stateOf(board, 'alerting', T + 1000).state).toBe('live');
    expect(stateOf(board, 'alerting', T + 20_000).state).toBe('stale');
  });
});
