// What detectors keep together: one for all of them, told before them and pruned behind them, checkpointed once, and not there unasked.
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { CommonHost, CommonLogic } from './common.ts';
import { type DetectorHost, defineWindowed } from './define.ts';
import { InstitutionLane } from './lane.ts';
import type { Table } from './state.ts';
import { Timeline } from './timeline.ts';

class Counter implements CommonLogic {
  readonly table: Table<number>;
  restored = 0;
  readonly on: CommonLogic['on'];

  constructor(host: CommonHost) {
    this.table = host.table('count');
    this.on = { settlement: () => this.table.set('settlements', this.count + 1) };
  }

  get count(): number {
    return this.table.get('settlements') ?? 0;
  }

  restore(): void {
    this.restored++;
  }

  onMark(): void {
    if (this.count > 0) this.table.set('marks', (this.table.get('marks') ?? 0) + 1);
  }
}

const text = { zh: '', en: '' };
const texts = { title: text, explanation: text, measures: [], basis: text, runbook: text };

/** Raises with every settlement how many the common part has counted, and had counted at the mark before. */
function counting(id: 'large-amount' | 'night-settlement', asks = true) {
  return defineWindowed({
    id,
    lane: 'institution',
    inputs: ['settlement'],
    params: z.object({}),
    level: 3,
    claimsAbsence: false,
    texts,
    create: (host: DetectorHost<object>) => {
      const counter = asks ? host.common('counter', (own) => new Counter(own)) : null;
      let atMark = -1;
      return {
        on: {
          settlement: ({ settlementId, eventTime, institution }) =>
            host.raise({
              subject: { kind: 'settlement', ref: settlementId },
              institution,
              anchor: settlementId,
              window: { start: eventTime, end: eventTime },
              eventTime,
              amount: null,
              facts: { count: counter?.count ?? null, marks: counter?.table.get('marks') ?? 0, atMark },
              evidence: [],
              reason: '',
            }),
        },
        onMark: () => {
          atMark = counter?.table.get('marks') ?? 0;
        },
        restore: () => expect(counter?.restored ?? 1).toBe(1),
      };
    },
  });
}

const both = [counting('large-amount'), counting('night-settlement')];
const two = () =>
  new Timeline(both)
    .at('10:00:00', 'settlement', { settlementId: 'S1' })
    .at('10:00:10', 'settlement', { settlementId: 'S2' });

test('is told of an event once, before any detector is, and of a mark behind them', () => {
  const told = two().findings('10:00:20');
  expect(told.map(({ detector, facts }) => [detector, facts.count])).toEqual([
    ['large-amount', 1],
    ['night-settlement', 1],
    ['large-amount', 2],
    ['night-settlement', 2],
  ]);
  for (const { facts } of told.slice(2)) expect(facts.marks).toBe((facts.atMark as number) + 1);
});

test('goes on from a checkpoint', () => {
  expect(two().restarted('10:00:05').findings('10:00:20').at(-1)?.facts.count).toBe(2);
});

test('is checkpointed under its own name, and leaves nothing where nobody asks for it', () => {
  const tables = (asks: boolean) => {
    const lane = new InstitutionLane({ partition: 0, detectors: [counting('large-amount', asks)] });
    lane.restore();
    lane.state.table('x').set('x', 1);
    return [...lane.state.all()].map(({ table }) => table);
  };
  const lane = new InstitutionLane({ partition: 0, detectors: both });
  lane.restore();
  lane.state.table('counter/count').set('settlements', 7);
  expect([...lane.state.all()]).toEqual([{ table: 'counter/count', key: 'settlements', value: 7 }]);
  expect([...lane.rebuilt().state.all()]).toEqual([{ table: 'counter/count', key: 'settlements', value: 7 }]);
  expect(tables(false)).toEqual(['x']);
});
