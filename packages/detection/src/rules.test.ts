// What rules say of shadow parameters: taken where a detector can have them, refused by name where not, and no change of what is told.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type DetectorDefinition, defineSpoken, defineWindowed } from './define.ts';
import { createRules, type Described, readRules, withoutShadows } from './rules.ts';
import { KeyedState } from './state.ts';

const text = { zh: '文', en: 'text' };
const texts = { title: text, explanation: text, measures: [text], basis: text, runbook: text };
const params = z.object({ limit: z.number().default(1), grace: z.number().default(5), feed: z.number().default(9) });
const base = { lane: 'institution', inputs: [], level: 3, claimsAbsence: false, texts, params } as const;

const windowed = defineWindowed({
  ...base,
  id: 'large-amount',
  withoutInstitution: ['feed'],
  create: () => ({ on: {}, restore: () => {} }),
});
const spoken = defineSpoken({ ...base, id: 'identity-mismatch', spokenBy: 'large-amount' });
const inLedger: DetectorDefinition = { ...base, id: 'readmission' };
const known = [windowed, spoken, inLedger];

const ruled = (id: string, rule: object) => ({ detectors: { [id]: rule } });
const clinic: Described = { category: 'clinic', level: null, grid: [] };
const pharmacy: Described = { ...clinic, category: 'pharmacy' };

function bookOf(rule: object) {
  const book = createRules(known, new KeyedState().table('rules'));
  book.take({ kind: 'ruleChange', ruleVersion: 'v', rules: ruled('large-amount', rule) });
  return book;
}

describe('shadow parameters in rules', () => {
  test.each([
    ['of a rule of the ledger', 'readmission', { params: { limit: 2 } }, /shadow of readmission.*ledger.*large-amount/],
    ['of what another judges', 'identity-mismatch', {}, /shadow of identity-mismatch.*large-amount.*expected it there/],
    ['of an unknown parameter', 'large-amount', { params: { no: 1 } }, /large-amount.*no.*limit, grace/],
    ['of a wrong value', 'large-amount', { params: { limit: 'x' } }, /large-amount.*limit: got "x"/],
    ['without saying params', 'large-amount', { limit: 2 }, /detectors\.large-amount\.shadow.*limit/],
    ['for a kind there is not', 'large-amount', { when: [{ kind: 'x', params: {} }] }, /large-amount.*kind.*"x"/],
    ['by institution of what none has', 'large-amount', { when: [{ params: { feed: 1 } }] }, /large-amount.*feed/],
  ])('%s are refused by what makes them wrong', (_, id, shadow, refusal) => {
    expect(() => readRules(ruled(id, { shadow }), known)).toThrow(refusal);
  });

  test('stand on top of the parameters in force, which they leave as they are', () => {
    const book = bookOf({
      params: { limit: 2, grace: 6 },
      when: [{ kind: 'clinic', params: { limit: 3 } }],
      shadow: { params: { limit: 20 } },
    });
    expect(book.params('large-amount', pharmacy)).toMatchObject({ limit: 2, grace: 6 });
    expect(book.shadowParams('large-amount', pharmacy)).toMatchObject({ limit: 20, grace: 6 });
    expect(book.shadowParams('large-amount', clinic)).toMatchObject({ limit: 3, grace: 6 });
  });

  test('may differ by institution in a way of their own', () => {
    const book = bookOf({
      when: [{ kind: 'clinic', params: { limit: 3 } }],
      shadow: { when: [{ kind: 'pharmacy', params: { limit: 4 } }] },
    });
    expect(book.shadowParams('large-amount', clinic)).toMatchObject({ limit: 1 });
    expect(book.shadowParams('large-amount', pharmacy)).toMatchObject({ limit: 4 });
  });

  test('are no part of the version of what is told', () => {
    const rule = { params: { limit: 2 } };
    const version = (said: object) => bookOf(said).version('large-amount');
    expect(version({ ...rule, shadow: { params: { limit: 3 } } })).toBe(version(rule));
    expect(version({ shadow: {} })).toBe(createRules(known, new KeyedState().table('rules')).version('large-amount'));
    expect(version({ params: { limit: 3 } })).not.toBe(version(rule));
  });

  test('are wanted only where they are said, and can be left out', () => {
    const rules = readRules(ruled('large-amount', { params: { limit: 2 }, shadow: {} }), known);
    expect(bookOf({ shadow: {} }).shadow('large-amount')).not.toBeNull();
    expect(bookOf({ params: { limit: 2 } }).shadow('large-amount')).toBeNull();
    expect(withoutShadows(rules)).toEqual(ruled('large-amount', { params: { limit: 2 } }));
  });
});
