// Chapter 1: a first detector. A detector is a definition (what it claims, in words and parameters) and a logic (a function of the
// lane's records). Here: "a settlement of more than ¥5,000".
import { defineWindowed, Timeline } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const params = z.object({
  // Money is integer fen, time is ms UTC, a person is a pseudonym: everywhere behind the router.
  above: z.int().default(500_000).describe('Total above which a settlement is large, fen.'),
});

const words = { zh: '大额结算', en: 'Large settlement' };

const largeAmount = defineWindowed({
  id: 'large-amount',
  lane: 'institution',
  inputs: ['settlement', 'reversal'],
  params,
  level: 3,
  claimsAbsence: false,
  texts: { title: words, explanation: words, measures: [words], basis: words, runbook: words },

  // One logic per lane partition. What it must remember it keeps in tables of the host: they are checkpointed, its own variables are not.
  create(host) {
    const claims = host.table<{ id: string; institution: string; eventTime: number; total: number }>('claims');

    const claim = ({
      id,
      institution,
      eventTime,
      total,
    }: {
      id: string;
      institution: string;
      eventTime: number;
      total: number;
    }) => ({
      subject: { kind: 'settlement' as const, ref: id },
      institution,
      // Alert ids are made of detector, subject and anchor: the same settlement is the same alert, however often it is read.
      anchor: id,
      window: { start: eventTime, end: eventTime },
      eventTime,
      amount: total,
      facts: { total },
      evidence: [{ kind: 'settlement' as const, ref: id }],
      reason: 'the total is above the limit',
    });

    return {
      on: {
        settlement({ settlementId: id, institution, eventTime, total }) {
          if (total <= host.params(institution).above) return;
          const kept = { id, institution, eventTime, total };
          // Keys begin with the institution: tables are then read and pruned by institution.
          claims.set(`${institution}/${id}`, kept);
          host.raise(claim(kept));
        },
        reversal({ institution, originalId }) {
          const kept = claims.get(`${institution}/${originalId}`);
          if (kept !== undefined) host.withdraw({ ...claim(kept), reason: 'the settlement was reversed' });
        },
      },
      // Called once before the first record: after a restart the tables are full, and indexes over them are built here.
      restore() {},
    };
  },
});

/** A timeline is what happened at one institution; it runs through the real lane, encoded, decoded and marked as in production. */
const day = () => new Timeline([largeAmount]);

describe('a first detector', () => {
  test('fires above its limit', () => {
    const standing = day().at('10:00:00', 'settlement', { settlementId: 'S1', total: 500_001 }).standing('10:01:00');
    expect(standing).toEqual([{ detector: 'large-amount', subject: 'S1', level: 3, facts: { total: 500_001 } }]);
  });

  test('is silent at its limit: every detector has such a test for each of its boundaries', () => {
    expect(day().at('10:00:00', 'settlement', { settlementId: 'S1', total: 500_000 }).standing('10:01:00')).toEqual([]);
  });

  test('a document that is sent twice counts once: repeats never reach the logic', () => {
    const twice = day()
      .at('10:00:00', 'settlement', { settlementId: 'S1', total: 900_000, eventId: 'sent' })
      .at('10:00:00', 'settlement', { settlementId: 'S1', total: 900_000, eventId: 'sent' }, 30);
    expect(twice.findings('10:01:00')).toHaveLength(1);
  });

  test('a reversal withdraws what stands, under the same alert id', () => {
    const findings = day()
      .at('10:00:00', 'settlement', { settlementId: 'S1', total: 900_000 })
      .at('10:05:00', 'reversal', { settlementId: 'R1', originalId: 'S1' })
      .findings('10:06:00');
    expect(findings.map(({ action }) => action)).toEqual(['raise', 'withdraw']);
    expect(new Set(findings.map(({ alert_id }) => alert_id)).size).toBe(1);
  });
});
