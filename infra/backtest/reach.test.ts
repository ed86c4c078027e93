// What a run reads: the kinds that the detectors concerned take, from as far back as they look.
import { DAY_MS, type DetectorId } from '@yunjian/contracts';
import type { Rules } from '@yunjian/detection';
import { expect, test } from 'vitest';
import { concerned } from './parameters.ts';
import { reachOf } from './reach.ts';

const FROM = Date.parse('2026-11-20T00:00:00+08:00');
const DEFAULTS: Rules = { detectors: {} };

const reach = (detector: DetectorId, variants = [DEFAULTS]) =>
  reachOf(concerned([{ detector, name: 'enabled', value: false }]), FROM, variants);

test('the quarter for what is judged by quarters, the year before for what is held against it', () => {
  expect(reach('quarterly-spend').from).toBe(Date.parse('2026-10-01T00:00:00+08:00'));
  expect(reach('same-period-index').from).toBe(Date.parse('2025-10-01T00:00:00+08:00'));
});

test('a box from its beginning, a person from a year and more before', () => {
  expect(reach('trace-repeated').from).toBe(0);
  expect(reach('stock-mismatch').from).toBe(0);
  expect(reach('frequent-purchase').from).toBe(FROM - 400 * DAY_MS);
});

test('the longest window of either set of rules, whatever institution it is for', () => {
  const own = reach('card-cluster').from;
  const params = { window: 60 };
  const longer: Rules = { detectors: { 'card-cluster': { params } } };
  const somewhere: Rules = { detectors: { 'card-cluster': { when: [{ kind: 'clinic', params }] } } };
  expect(own).toBe(FROM - 32 * DAY_MS);
  expect(reach('card-cluster', [DEFAULTS, longer]).from).toBe(FROM - 62 * DAY_MS);
  expect(reach('card-cluster', [somewhere, DEFAULTS]).from).toBe(FROM - 62 * DAY_MS);
});

test('kinds of the archive, not those that the router makes of them', () => {
  const { kinds } = reach('trace-repeated');
  expect([...kinds]).toEqual(expect.arrayContaining(['settlement', 'reversal']));
  expect([...kinds].filter((kind) => kind.startsWith('code'))).toEqual([]);
  expect(kinds.has('heartbeat')).toBe(false);
  expect(reach('identity-check-missing').kinds.has('heartbeat')).toBe(true);
});
