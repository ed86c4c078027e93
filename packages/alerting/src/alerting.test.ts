// What holds for every lane: the same lane gives the same log, from any checkpoint, however findings of several processors interleave.
import type { AlertRecord, LaneAlertRecord } from '@yunjian/contracts';
import { isoShanghai } from '@yunjian/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAlerting } from './alerting.ts';
import { memoryTables, type StateTables } from './tables.ts';
import { command, finding, MINUTE, NOON, world } from './testing.ts';

interface Entry {
  record: LaneAlertRecord;
  offset: number;
  timestamp: number;
}

const ids = fc.constantFrom('a', 'b', 'c');
const laneRecord: fc.Arbitrary<LaneAlertRecord> = fc.oneof(
  fc
    .record({
      alert_id: ids,
      processor: fc.constantFrom('detector', 'ledger'),
      at: fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 2 })),
      level: fc.constantFrom(1 as const, 2 as const, 3 as const),
      action: fc.constantFrom('raise' as const, 'raise' as const, 'withdraw' as const),
      facts: fc.record({ n: fc.integer({ min: 0, max: 2 }) }),
    })
    .map(({ processor, ...given }) => {
      const made = finding(given);
      return { ...made, cause: { ...made.cause, processor } };
    }),
  fc
    .record({
      alert_id: ids,
      action: fc.constantFrom(
        'ack' as const,
        'unack' as const,
        'shelve' as const,
        'dispose' as const,
        'assign' as const,
      ),
      if_version: fc.integer({ min: 1, max: 4 }),
      idem: fc.integer({ min: 0, max: 12 }).map(String),
      minutes: fc.integer({ min: -5, max: 600 }),
    })
    .map(({ minutes, ...given }) =>
      command({
        ...given,
        reason: '核实',
        outcome: 'confirmed',
        assignee: '李雷',
        until: isoShanghai(NOON + minutes * MINUTE),
      }),
    ),
  fc.constant({ type: 'tick' as const }),
);

const lane: fc.Arbitrary<Entry[]> = fc
  .array(fc.tuple(laneRecord, fc.integer({ min: -2 * MINUTE, max: 20 * MINUTE })), { maxLength: 120 })
  .map((records) => {
    let timestamp = NOON;
    return records.map(([record, passed], offset) => {
      timestamp += passed;
      return { record, offset, timestamp };
    });
  });

function decide(entries: readonly Entry[], tables: StateTables = memoryTables()): string[] {
  const alerting = createAlerting(tables);
  return entries.flatMap((entry) => {
    const { log, replies } = alerting.step(entry.record, entry);
    return [...log, ...replies].map((record) => JSON.stringify(record));
  });
}

/** A copy by way of JSON and in another order, as a checkpoint makes it. */
function restored(from: Map<string, Map<string, unknown>>): Map<string, Map<string, unknown>> {
  return new Map([...from].map(([name, rows]) => [name, new Map(JSON.parse(JSON.stringify([...rows].reverse())))]));
}

function tablesOver(maps: Map<string, Map<string, unknown>>): StateTables {
  return {
    table: (name) => {
      if (!maps.has(name)) maps.set(name, new Map());
      return maps.get(name) as never;
    },
  };
}

describe('any lane', () => {
  test('gives the same log and replies, byte for byte, from any checkpoint in the middle of it', () => {
    fc.assert(
      fc.property(lane, fc.nat(), (entries, cut) => {
        const whole = decide(entries);
        const at = entries.length === 0 ? 0 : cut % entries.length;
        const maps = new Map<string, Map<string, unknown>>();
        const before = decide(entries.slice(0, at), tablesOver(maps));
        const after = decide(entries.slice(at), tablesOver(restored(maps)));
        expect([...before, ...after]).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  test('gives versions without a gap, first raised, never two of one number, with a time that never runs back', () => {
    fc.assert(
      fc.property(lane, (entries) => {
        const alerting = createAlerting();
        const versions = new Map<string, AlertRecord[]>();
        for (const entry of entries)
          for (const record of alerting.step(entry.record, entry).log)
            versions.set(record.alert_id, [...(versions.get(record.alert_id) ?? []), record]);
        for (const records of versions.values()) {
          expect(records.map(({ version }) => version)).toEqual(records.map((_, i) => i + 1));
          expect(records[0]?.transition.action).toBe('raise');
          expect(new Set(records.map((r) => r.detected_at)).size).toBe(1);
          const times = records.map(({ updated_at }) => Date.parse(updated_at));
          expect(times).toEqual([...times].sort((a, b) => a - b));
        }
        const standing = [...versions.values()]
          .map((r) => r.at(-1)!)
          .filter(({ state }) => state.raised && !state.disposed);
        for (const level of [1, 2, 3, 4] as const)
          expect(alerting.standing()[level]).toBe(standing.filter((r) => r.level === level).length);
      }),
      { numRuns: 300 },
    );
  });

  test('read twice, record after record or from the start, changes nothing', () => {
    fc.assert(
      fc.property(lane, (entries) => {
        const alerting = createAlerting();
        for (const entry of entries) {
          alerting.step(entry.record, entry);
          expect(alerting.step(entry.record, entry).verdict).toBe('repeated');
        }
        for (const entry of entries) expect(alerting.step(entry.record, entry).log).toEqual([]);
      }),
    );
  });
});

test('findings of several processors end in the same alerts however they interleave and however often they are sent', () => {
  const part = (processor: string) =>
    fc
      .array(
        fc.record({
          alert_id: fc.constantFrom(`${processor}-1`, `${processor}-2`),
          level: fc.constantFrom(1 as const, 2 as const),
          action: fc.constantFrom('raise' as const, 'withdraw' as const),
        }),
        { maxLength: 12 },
      )
      .map((said) =>
        said.map((given, offset) => {
          const made = finding({ ...given, at: [offset] });
          return { ...made, cause: { ...made.cause, processor } };
        }),
      );
  fc.assert(
    fc.property(part('detector'), part('ledger'), fc.infiniteStream(fc.nat(3)), (a, b, choices) => {
      const outcome = (order: LaneAlertRecord[]) => {
        const alerting = createAlerting();
        order.forEach((record, offset) => void alerting.step(record, { offset, timestamp: NOON }));
        return ['detector-1', 'detector-2', 'ledger-1', 'ledger-2'].map((id) => alerting.get(id));
      };
      const mixed: LaneAlertRecord[] = [];
      let [i, j] = [0, 0];
      while (i < a.length || j < b.length) {
        const choice = choices.next().value as number;
        if (choice === 3 && mixed.length > 0) {
          i = Math.max(0, i - 2);
          j = Math.max(0, j - 1);
          if (mixed.length > 200) [i, j] = [a.length, b.length];
        } else if (choice === 0 ? i < a.length : j >= b.length) mixed.push(a[i++]!);
        else mixed.push(b[j++]!);
      }
      mixed.push(...a, ...b);
      expect(outcome(mixed)).toEqual(outcome([...a, ...b]));
    }),
    { numRuns: 200 },
  );
});

describe('a log that holds what an earlier release decided', () => {
  test('is right, and what it lacks becomes one more version', () => {
    const { take, alerting, latest } = world();
    const [decided] = take(finding({ at: [1] })).log;
    const told = { ...decided!, title: { zh: '旧', en: 'old' } };
    expect(alerting.yieldTo(told, decided!)).toMatchObject({
      version: 2,
      title: decided!.title,
      transition: { action: 'amend' },
    });
    expect(latest().version).toBe(2);
  });

  test('adds nothing when only words of the history differ', () => {
    const { take, alerting, latest } = world();
    const [decided] = take(finding({ at: [1] })).log;
    const told = { ...decided!, transition: { ...decided!.transition, reason: 'old words' } };
    expect(alerting.yieldTo(told, decided!)).toBeNull();
    expect(latest()).toEqual(told);
  });
});
