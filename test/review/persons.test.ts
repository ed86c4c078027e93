// What a person's ledger says before a sale: for each rule of the review that exists, one settlement that it speaks of and one that it does not.
import { ledgerRules } from '@yunjian/detectors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReviewWorld, reviewWorld, settlement } from './world.ts';

const DAY = 86_400_000;
const HOSPITALS = ['H32110000001', 'H32110000002'] as const;
const START = Date.now();
const at = (days: number) => new Date(START + days * DAY).toISOString();
/** A stay from one day to another, before now when negative. */
const stay = (from: number, to: number) => ({
  med_type: '21',
  begntime: at(from),
  endtime: at(to),
  event_time: at(Math.min(to, 0)),
});
const line = (fields: Record<string, unknown> = {}) => [
  {
    feedetl_sn: '1',
    med_list_codg: 'XA02BCA049A001010100483',
    cnt: 1,
    pric: 20,
    det_item_fee_sumamt: '20.00',
    fee_ocur_time: at(-0.1),
    ...fields,
  },
];
const died = (psn_no: string) => ({
  event_id: `died-${psn_no}`,
  event_type: 'person_status',
  event_time: at(-1),
  source: 'registry',
  fixmedins_code: '321100',
  psn_no,
  status: 'deceased',
  effective_at: at(-3),
});

interface Case {
  rule: string;
  grade: '违规' | '警告';
  /** What the ledger knows of the person. */
  known(psn_no: string): Record<string, unknown>[];
  speaks: Record<string, unknown>;
  silent: Record<string, unknown>;
}

const CASES: Case[] = [
  {
    rule: 'settled-after-death',
    grade: '违规',
    known: (psn_no) => [died(psn_no)],
    speaks: {},
    silent: { event_time: at(-5), feedetl: line({ fee_ocur_time: at(-5) }) },
  },
  {
    rule: 'overlapping-stay',
    grade: '违规',
    known: (psn_no) => [settlement('', { psn_no, fixmedins_code: HOSPITALS[0], ...stay(-10, -2), feedetl: [] })],
    speaks: { fixmedins_code: HOSPITALS[1], ...stay(-8, -4), feedetl: [] },
    silent: { fixmedins_code: HOSPITALS[1], ...stay(-2, 0), feedetl: [] },
  },
  {
    rule: 'duplicate-charge',
    grade: '违规',
    known: (psn_no) => [settlement('', { psn_no, feedetl: line() })],
    speaks: { feedetl: line() },
    silent: { feedetl: line({ det_item_fee_sumamt: '21.00' }) },
  },
  {
    rule: 'visit-during-stay',
    grade: '警告',
    known: (psn_no) => [settlement('', { psn_no, fixmedins_code: HOSPITALS[0], ...stay(-10, -2), feedetl: [] })],
    speaks: { event_time: at(-6), feedetl: line({ fee_ocur_time: at(-6) }) },
    silent: { event_time: at(-1), feedetl: line({ fee_ocur_time: at(-1) }) },
  },
  {
    rule: 'excess-supply',
    grade: '警告',
    known: () => [],
    speaks: { med_type: '11', feedetl: line({ prd_days: 60 }) },
    silent: { med_type: '11', feedetl: line({ prd_days: 7 }) },
  },
];
const exists = (rule: string) => ledgerRules.some(({ id }) => id === rule);

describe.runIf(CASES.some(({ rule }) => exists(rule)))('a review of a person', () => {
  let world: ReviewWorld;
  beforeAll(async () => {
    world = await reviewWorld();
  });
  afterAll(() => world.close());

  test.each(CASES.filter(({ rule }) => exists(rule)))('$rule', async ({ rule, grade, known, speaks, silent }) => {
    const psn_no = `PERSON-IN-CLEAR-${rule}`;
    const before = known(psn_no);
    if (before.length > 0) await world.send(...before);
    const asked = (fields: Record<string, unknown>) => settlement('', { feedetl: line(), psn_no, ...fields });
    const { body } = await world.askUntil(
      asked(speaks),
      (answer) => answer.body.result.some(({ rule_id }) => rule_id === rule),
      `${rule} says nothing`,
    );
    expect(body.result.find(({ rule_id }) => rule_id === rule)).toMatchObject({
      sev_deg: grade,
      vola_amt: expect.stringMatching(/^\d+\.\d\d$/),
    });
    expect(JSON.stringify(body)).not.toContain('PERSON-IN-CLEAR');
    const quiet = await world.judged(asked(silent));
    expect(quiet.body.result.filter(({ rule_id }) => rule_id === rule)).toEqual([]);
  });
});
