// The core of the lane: origins already taken are dropped, our own exceptions are set aside, rules change what is in force.
import { type CameraStatus, ColdPart, DAY_MS, FEEDS, type Heartbeat, type Mark } from '@yunjian/contracts';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineWindowed, type Raise, type WindowedLogic } from './define.ts';
import { InstitutionLane } from './lane.ts';
import { readRules } from './rules.ts';

const text = { zh: '文', en: 'text' };
const texts = { title: text, explanation: text, measures: [text], basis: text, runbook: text };

function detector(onHeartbeat: (event: Heartbeat, limit: number) => void) {
  return defineWindowed({
    id: 'source-silent',
    lane: 'institution',
    inputs: ['heartbeat'],
    level: 3,
    claimsAbsence: false,
    texts,
    params: z.object({ limit: z.number().default(1).describe('A limit.') }),
    create: (host): WindowedLogic => ({
      on: { heartbeat: (event) => onHeartbeat(event, host.params(event.institution).limit) },
      restore: () => {},
    }),
  });
}
const beat = (offset: number, index = 0): Heartbeat => ({
  kind: 'heartbeat',
  device: 'd',
  eventTime: offset,
  arrival: offset,
  institution: 'P1',
  document: `${offset}`,
  content: '',
  origin: { feed: 'surveillance', partition: 3, offset, index },
  cold: ColdPart.of({ eventId: '', source: '' }),
});
const laneOf = (onHeartbeat: (event: Heartbeat, limit: number) => void) => {
  const lane = new InstitutionLane({ partition: 0, detectors: [detector(onHeartbeat)] });
  lane.restore();
  return lane;
};

describe('the institution lane', () => {
  test('drops what is not above the last origin of its raw partition', () => {
    const seen: number[] = [];
    const lane = laneOf(({ origin }) => void seen.push(origin.offset));
    for (const [position, offset] of [1, 2, 2, 1, 3].entries()) lane.step(beat(offset), position);
    expect(seen).toEqual([1, 2, 3]);
    expect(lane.takeEffects().counts.get('origin_repeated')).toBe(2);
  });

  test('a document past its time is news again, also behind a restart that no mark has followed yet', () => {
    const status = (offset: number): CameraStatus => ({
      ...beat(offset),
      kind: 'cameraStatus',
      status: 'online',
      document: 'c'.repeat(22),
      content: 'c'.repeat(11),
    });
    const mark: Mark = {
      kind: 'mark',
      entries: FEEDS.map((feed) => ({ feed, partition: 0, next: 2, arrival: 3 * DAY_MS, lastEvent: null })),
      partitions: Object.fromEntries(FEEDS.map((feed) => [feed, 1])) as Mark['partitions'],
    };
    const lane = laneOf(() => {});
    lane.step(status(1), 1);
    lane.step(mark, 2);
    const again = lane.rebuilt();
    for (const run of [lane, again]) {
      run.takeEffects();
      run.step(status(3), 3);
      expect(run.takeEffects().counts.get('document_repeated')).toBeUndefined();
    }
  });

  test('a record on which a detector throws is set aside with its stack, and the lane goes on', () => {
    const seen: number[] = [];
    const lane = laneOf(({ origin }) => {
      if (origin.offset === 1) throw new Error('a defect of ours');
      seen.push(origin.offset);
    });
    lane.step(beat(1), 0);
    lane.step(beat(2), 1);
    const { poison } = lane.takeEffects();
    expect(poison).toHaveLength(1);
    expect(poison[0]).toMatchObject({ offset: 0, detector: 'source-silent' });
    expect(poison[0]?.stack).toContain('a defect of ours');
    expect(seen).toEqual([2]);
  });

  test('a rule change is in force from its place in the lane on, also after a restart', () => {
    const limits: number[] = [];
    const lane = laneOf((_event, limit) => void limits.push(limit));
    lane.step(beat(1), 0);
    lane.step(
      { kind: 'ruleChange', ruleVersion: 'v', rules: { detectors: { 'source-silent': { params: { limit: 7 } } } } },
      1,
    );
    lane.step(beat(2), 2);
    const again = new InstitutionLane({
      partition: 0,
      detectors: [detector((_event, limit) => void limits.push(limit))],
    });
    for (const change of lane.state.all()) again.state.load(change);
    again.restore();
    again.step(beat(3), 3);
    expect(limits).toEqual([1, 7, 7]);
  });

  const changeTo = (rules: unknown) => ({ kind: 'ruleChange' as const, ruleVersion: 'v', rules });

  test('the rules in force, told again, change nothing', () => {
    const lane = laneOf(() => {});
    const rules = { detectors: { 'source-silent': { params: { limit: 7 } } } };
    lane.step(changeTo(rules), 0);
    lane.state.takeChanges();
    lane.step(changeTo(structuredClone(rules)), 1);
    expect(lane.state.takeChanges()).toEqual([]);
  });

  test('what the rules say of detectors that run elsewhere is not looked at', () => {
    const limits: number[] = [];
    const lane = laneOf((_event, limit) => void limits.push(limit));
    const rules = { detectors: { 'trace-repeated': { params: { no: 1 } }, 'source-silent': { params: { limit: 3 } } } };
    lane.step(changeTo(rules), 0);
    lane.step(beat(1), 1);
    expect(limits).toEqual([3]);
    expect(lane.takeEffects().poison).toEqual([]);
  });

  test('a detector switched off raises nothing, and takes back what it raised before', () => {
    const claim: Raise = {
      subject: { kind: 'institution', ref: 'P1' },
      institution: 'P1',
      anchor: null,
      window: { start: 0, end: 1 },
      eventTime: 1,
      amount: null,
      facts: {},
      evidence: [],
      reason: 'a test',
    };
    const speaks = defineWindowed({
      ...detector(() => {}),
      create: (host): WindowedLogic => ({
        on: {
          heartbeat: ({ origin }) => (origin.offset < 3 ? host.raise(claim) : host.withdraw(claim)),
        },
        restore: () => {},
      }),
    });
    const lane = new InstitutionLane({ partition: 0, detectors: [speaks] });
    lane.restore();
    lane.step(beat(1), 0);
    lane.step(changeTo({ detectors: { 'source-silent': { enabled: false } } }), 1);
    lane.step(beat(2), 2);
    lane.step(beat(3), 3);
    const { findings, poison } = lane.takeEffects();
    expect(poison).toEqual([]);
    expect(findings.map(({ action, cause }) => [action, cause.offset])).toEqual([
      ['raise', 0],
      ['withdraw', 3],
    ]);
    expect(findings[0]?.rule_version).not.toBe(findings[1]?.rule_version);
  });

  test('rules that name nothing we have are refused with what is known', () => {
    const known = [detector(() => {})];
    expect(() => readRules({ detectors: { 'no-such': {} } }, known)).toThrow(/no-such.*source-silent/);
    expect(() => readRules({ detectors: { 'source-silent': { params: { limit: 'x' } } } }, known)).toThrow(
      /source-silent.*limit/,
    );
  });

  test.each([
    ['kind', { kind: 'drugstore', params: {} }, /source-silent.*kind.*"drugstore".*hospital, clinic, pharmacy/],
    ['level', { level: '', params: {} }, /source-silent.*level.*""/],
    ['district', { district: '', params: {} }, /source-silent.*district.*""/],
    ['a parameter of no institution', { kind: 'clinic', params: { limit: 3 } }, /source-silent.*limit.*under params/],
  ])('a when that can never apply is refused by what makes it so: %s', (_, when, refusal) => {
    const known = [{ ...detector(() => {}), withoutInstitution: ['limit'] }];
    const rules = (each: object) => ({ detectors: { 'source-silent': { when: [each] } } });
    expect(() => readRules(rules(when), known)).toThrow(refusal);
    expect(readRules(rules({ kind: 'clinic', params: {} }), known)).toEqual(rules({ kind: 'clinic', params: {} }));
  });

  test('an institution without a registration is counted', () => {
    const lane = laneOf(() => {});
    lane.step(beat(1), 0);
    expect(lane.takeEffects().counts.get('institution_unregistered')).toBe(1);
  });
});
