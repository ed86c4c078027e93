// What is accepted and what is refused, at the boundaries of the contract.
import { describe, expect, it } from 'vitest';
import { MAX_AHEAD_MS, MAX_BEHIND_MS, MAX_DEPTH, MAX_EVENT_BYTES } from './parse.ts';
import { FEED_OF } from './raw/index.ts';
import { NOW, outcome, parse, rawEvent, SMALLEST, TYPES } from './testing.ts';
import { FEEDS } from './topics.ts';

describe('every type', () => {
  it.each(TYPES)('%s: the smallest is accepted, and refused without any one of its fields', (type) => {
    expect(outcome(type, {})).toBe('ok');
    for (const field of [...Object.keys(SMALLEST[type]), 'event_id', 'event_time', 'source', 'fixmedins_code'])
      expect([field, outcome(type, { [field]: undefined })]).toEqual([field, [field]]);
  });

  it.each(TYPES)('%s: refused in another topic', (type) => {
    for (const feed of FEEDS) {
      const parsed = parse(rawEvent(type), { feed });
      if (feed === FEED_OF[type]) expect(parsed.ok).toBe(true);
      else expect(parsed).toMatchObject({ ok: false, reason: 'wrong_topic', eventId: 'e1' });
    }
  });

  it.each(TYPES)('%s: required fields are never null, empty, or of a wrong type', (type) => {
    for (const field of Object.keys(SMALLEST[type]))
      for (const value of [null, '', [], {}])
        expect([field, value, outcome(type, { [field]: value })]).toEqual([field, value, [field]]);
  });
});

describe('time', () => {
  const at = (ms: number) => rawEvent('heartbeat', { event_time: new Date(ms).toISOString() });
  it('5 minutes ahead are accepted, a millisecond more is not', () => {
    expect(parse(at(NOW + MAX_AHEAD_MS)).ok).toBe(true);
    expect(parse(at(NOW + MAX_AHEAD_MS + 1))).toMatchObject({ ok: false, reason: 'future' });
    expect(parse(at(NOW + MAX_AHEAD_MS + 1), { replay: true })).toMatchObject({ ok: false, reason: 'future' });
  });
  it('400 days behind are accepted, a millisecond more only in a replay', () => {
    expect(parse(at(NOW - MAX_BEHIND_MS)).ok).toBe(true);
    expect(parse(at(NOW - MAX_BEHIND_MS - 1))).toMatchObject({ ok: false, reason: 'ancient' });
    expect(parse(at(NOW - MAX_BEHIND_MS - 1), { replay: true }).ok).toBe(true);
  });
});

describe('bytes', () => {
  it('64 KiB are accepted, a byte more is not', () => {
    const bare = JSON.stringify(rawEvent('heartbeat', { note: '' })).length;
    const sized = (bytes: number) => parse(rawEvent('heartbeat', { note: 'x'.repeat(bytes - bare) }));
    expect(sized(MAX_EVENT_BYTES).ok).toBe(true);
    expect(sized(MAX_EVENT_BYTES + 1)).toMatchObject({ ok: false, reason: 'too_large' });
  });

  it.each([
    ['nothing', new Uint8Array(), 'not_json'],
    ['text that is no JSON', '{', 'not_json'],
    ['an array', '[]', 'not_json'],
    ['null', 'null', 'not_json'],
    ['a text', '"a"', 'not_json'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xc3, 0x28, 0x7d]), 'not_utf8'],
    ['a raw control character', '{"event_id":"a\u0000"}', 'not_json'],
  ])('refuses %s', (_, value, reason) => {
    expect(parse(value)).toMatchObject({ ok: false, reason });
  });

  it('refuses a null value', () => {
    expect(parse(new Uint8Array())).toMatchObject({ ok: false });
  });

  it('takes white space between tokens', () => {
    expect(parse(JSON.stringify(rawEvent('settlement'), null, '\t')).ok).toBe(true);
  });

  it('of a name that stands twice the last counts, at every door', () => {
    const text = JSON.stringify(rawEvent('heartbeat')).replace(/}$/, ',"source":"second"}');
    expect(parse(text)).toMatchObject({ ok: true, event: { source: 'second' } });
  });
});

describe('texts', () => {
  it.each(['\u0000', '\u0009', '\u001f', '\u007f', '\u0085', '\ud800', 'a\udc00'])(
    'refuses %j in any string',
    (bad) => {
      expect(outcome('heartbeat', { source: `a${bad}` })).toContain('source');
      expect(outcome('heartbeat', { unknown: { deep: [`a${bad}`] } })).toEqual(['unknown.deep.0']);
      expect(outcome('heartbeat', { unknown: { [`a${bad}`]: 1 } })).toEqual(['unknown']);
    },
  );

  it('takes any other character', () => {
    expect(outcome('heartbeat', { source: '药店 💊 é \u00a0' })).toBe('ok');
  });

  it('holds lengths: 1 to 64 characters', () => {
    expect(outcome('heartbeat', { event_id: 'x'.repeat(64) })).toBe('ok');
    expect(outcome('heartbeat', { event_id: 'x'.repeat(65) })).toEqual(['event_id']);
  });

  it('refuses nesting beyond its bound, however deep', () => {
    const deep = (levels: number) => {
      const text = JSON.stringify(rawEvent('heartbeat')).replace(
        /}$/,
        `,"deep":${'['.repeat(levels)}${']'.repeat(levels)}}`,
      );
      return parse(text);
    };
    expect(deep(MAX_DEPTH - 1).ok).toBe(true);
    expect(deep(MAX_DEPTH)).toMatchObject({ ok: false, reason: 'invalid' });
    expect(deep(30_000)).toMatchObject({ ok: false, reason: 'invalid' });
    const objects = JSON.stringify(rawEvent('heartbeat')).replace(
      /}$/,
      `,"deep":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}`,
    );
    expect(parse(objects)).toMatchObject({ ok: false, reason: 'invalid' });
  });
});

describe('optional fields', () => {
  const optional = {
    settlement: [
      'insutype',
      'acct_pay',
      'psn_cash_pay',
      'dev_no',
      'opter',
      'msgid',
      'begntime',
      'agent_flag',
      'feedetl',
      'rxno',
    ],
    identity_check: ['psn_no', 'dev_no', 'similarity', 'evidence'],
    trace: ['drug_trac_codg', 'setl_id', 'mdtrt_setl_type', 'trdn_flag'],
    institution: ['grid', 'lon', 'lat', 'counters', 'level', 'admdvs'],
    budget: ['weights'],
    drug: ['rx_flag', 'pack_size', 'max_days', 'prefixes'],
  } as const;
  it.each(Object.entries(optional))('%s: null and empty are "not given", a wrong type is refused', (type, fields) => {
    for (const field of fields) {
      const key = type as keyof typeof optional;
      for (const nothing of [null, '', undefined])
        expect([field, outcome(key, { [field]: nothing })]).toEqual([field, 'ok']);
      for (const wrong of [() => ({ a: { b: 1 } }), () => [[1]]].map((make) => make()))
        if (field !== 'evidence' || Array.isArray(wrong))
          expect([field, outcome(key, { [field]: wrong }) === 'ok']).toEqual([field, false]);
    }
  });
});

describe('counters', () => {
  it('may be without a camera, and a camera without a terminal', () => {
    const counters = [{ dev_no: 'D1' }, { dev_no: 'D2', device_id: null }, { device_id: '32110000001320000001' }];
    expect(outcome('institution', { counters })).toBe('ok');
    expect(outcome('institution', { counters: [{ dev_no: 'D1', device_id: 'cam' }] })).toEqual([
      'counters.0.device_id',
    ]);
  });
});

describe('numbers and flags', () => {
  it('amounts: 2 decimals, 0 or more; in a reversal 0 or less', () => {
    expect(outcome('settlement', { medfee_sumamt: '1.05' })).toBe('ok');
    expect(outcome('settlement', { medfee_sumamt: 1.005 })).toEqual(['medfee_sumamt']);
    expect(outcome('settlement', { medfee_sumamt: '1e2' })).toEqual(['medfee_sumamt']);
    expect(outcome('settlement', { fund_pay_sumamt: -0.01 })).toEqual(['fund_pay_sumamt']);
    expect(outcome('settlement', { fund_pay_sumamt: true })).toEqual(['fund_pay_sumamt']);
    expect(outcome('settlement_reversal', { fund_pay_sumamt: 0.01 })).toEqual(['fund_pay_sumamt']);
    expect(outcome('settlement_reversal', { fund_pay_sumamt: 0 })).toBe('ok');
  });

  it('quantities: 4 decimals, above 0 except in adjust', () => {
    expect(outcome('trace', { cnt: '0.0001' })).toBe('ok');
    expect(outcome('trace', { cnt: '0.00001' })).toEqual(['cnt']);
    for (const cnt of [0, -1]) {
      expect(outcome('trace', { cnt })).toEqual(['cnt']);
      expect(outcome('trace', { cnt, action: 'adjust' })).toBe('ok');
    }
  });

  it('flags are 0 or 1', () => {
    for (const flag of [0, 1, '0', '1']) expect(outcome('settlement', { agent_flag: flag })).toBe('ok');
    for (const wrong of [2, '2', 'true']) expect(outcome('settlement', { agent_flag: wrong })).toEqual(['agent_flag']);
    expect(outcome('settlement_reversal', { refd_setl_flag: 0 })).toEqual(['refd_setl_flag']);
    expect(outcome('settlement_reversal', { refd_setl_flag: 1 })).toBe('ok');
  });

  it('codes have their forms', () => {
    for (const wrong of ['X32110000001', 'P3211000000', 'P321100000012', 'p32110000001', 'P32110000001\n'])
      expect(outcome('settlement', { fixmedins_code: wrong })).toContain('fixmedins_code');
    expect(outcome('heartbeat', { device_id: '3402000000132000001' })).toEqual(['device_id']);
  });

  it('a reversal names what it reverses, by settlement or by message', () => {
    expect(outcome('settlement_reversal', { orig_setl_id: undefined, omsgid: 'M1' })).toBe('ok');
    expect(outcome('settlement_reversal', { orig_setl_id: null })).toEqual(['orig_setl_id']);
  });

  it('monthly shares are three and sum to 1', () => {
    expect(outcome('budget', { weights: [0.3, 0.3, 0.4] })).toBe('ok');
    for (const weights of [
      [0.5, 0.5],
      [0.3, 0.3, 0.5],
      [-0.2, 0.6, 0.6],
    ])
      expect(outcome('budget', { weights })).toEqual(['weights']);
  });

  it('a bureau may stand for every institution in person_status and drug alone', () => {
    for (const type of TYPES)
      expect([type, outcome(type, { fixmedins_code: '321100' })]).toEqual([
        type,
        type === 'person_status' || type === 'drug' ? 'ok' : ['fixmedins_code'],
      ]);
  });
});

it('no message shows a person, whatever is wrong with the event', () => {
  for (const type of TYPES)
    for (const field of Object.keys(rawEvent(type)))
      for (const value of [
        '320106199001011234张三',
        320106199001011234n.toString().concat('.001'),
        ['320106199001011234'],
      ]) {
        const parsed = parse(rawEvent(type, { [field]: value }));
        if (!parsed.ok && field !== 'event_id') expect(JSON.stringify(parsed)).not.toMatch(/320106|张/);
      }
});
