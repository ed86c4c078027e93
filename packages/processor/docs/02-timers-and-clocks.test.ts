// Chapter 2: timers and clocks. To claim that something did not happen is to wait, and to be sure that it was we who were listening.
// Here: "nobody was seen at the counter within two minutes of a settlement".
import { defineWindowed, instantOf, Timeline } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const words = { zh: '空刷', en: 'Nobody at the counter' };
const WAIT_MS = 120_000;

interface Kept {
  id: string;
  institution: string;
  eventTime: number;
  seen: boolean;
  claimed: boolean;
}

const emptySwipe = defineWindowed({
  id: 'empty-swipe',
  lane: 'institution',
  inputs: ['settlement', 'presence'],
  params: z.object({}),
  level: 2,
  claimsAbsence: true,
  texts: { title: words, explanation: words, measures: [words], basis: words, runbook: words },
  create(host) {
    const open = host.table<Kept>('open');
    const claim = ({ id, institution, eventTime }: Kept, reason: string) => ({
      subject: { kind: 'settlement' as const, ref: id },
      institution,
      anchor: id,
      window: { start: eventTime, end: eventTime + WAIT_MS },
      eventTime,
      amount: null,
      facts: {},
      evidence: [],
      reason,
    });
    // `observed` is the slower of the clocks of settlements and surveillance. It is no wall clock: it is how far the router has merged
    // what arrived, as its marks in the lane say. A timer is due at the first mark whose clock is above its instant.
    const arm = (key: string, { eventTime }: Kept) => host.timers.arm(key, 'observed', eventTime + WAIT_MS);
    return {
      on: {
        settlement({ settlementId: id, institution, eventTime }) {
          const kept = { id, institution, eventTime, seen: false, claimed: false };
          open.set(`${institution}/${id}`, kept);
          arm(`${institution}/${id}`, kept);
        },
        presence({ institution, eventTime, persons }) {
          for (const [key, kept] of [...open.entries()]) {
            const near = eventTime >= kept.eventTime && eventTime <= kept.eventTime + WAIT_MS;
            if (kept.institution !== institution || persons === 0 || !near) continue;
            // A value changed in place would not be checkpointed: it is set anew.
            open.set(key, { ...kept, seen: true, claimed: false });
            if (kept.claimed) host.withdraw(claim(kept, 'a late record shows a customer'));
          }
        },
      },
      onTimer(key) {
        const kept = open.get(key);
        if (kept === undefined || kept.seen) return;
        open.set(key, { ...kept, claimed: true });
        host.raise(claim(kept, 'nobody was seen'));
      },
      // Timers are not in a checkpoint: after a restart they are armed again from the table.
      restore() {
        for (const [key, kept] of open.entries()) if (!kept.seen && !kept.claimed) arm(key, kept);
      },
    };
  },
});

const settled = () => new Timeline([emptySwipe]).at('10:00:00', 'settlement', { settlementId: 'S1' });
const saidAt = (timeline: Timeline, until: string) =>
  timeline.findings(until).map(({ action, reason }) => `${action}: ${reason}`);

describe('timers and clocks', () => {
  test('an absence is claimed when the clock has passed the deadline, not before', () => {
    expect(saidAt(settled(), '10:02:00')).toEqual([]);
    expect(saidAt(settled(), '10:02:02')).toEqual(['raise: nobody was seen']);
  });

  test('somebody seen in time: nothing is ever said', () => {
    expect(
      saidAt(settled().at('10:01:59', 'presence', { persons: 1, device: 'cam1', terminal: 'D1' }), '10:10:00'),
    ).toEqual([]);
  });

  test('a router that is behind stops the clock: our own outage raises nothing, however long it lasts', () => {
    const behind = settled().stalled('surveillance', '10:00:30', '11:00:00');
    expect(saidAt(behind, '10:59:59')).toEqual([]);
    // Once it has caught up the same is said as without the outage.
    expect(saidAt(behind, '11:00:01')).toEqual(['raise: nobody was seen']);
  });

  test('what was read late judges again: a withdrawal is at once', () => {
    const late = settled().at('10:01:00', 'presence', { persons: 1, device: 'cam1', terminal: 'D1' }, 600);
    expect(saidAt(late, '10:12:00')).toEqual(['raise: nobody was seen', 'withdraw: a late record shows a customer']);
  });

  test('an instant on a timeline is plain UTC ms', () => {
    expect(new Date(instantOf('10:00:00')).toISOString()).toBe('2026-11-20T02:00:00.000Z');
  });
});
