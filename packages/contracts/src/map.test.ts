// Identity and content of documents, and that nothing personal passes.
import { describe, expect, it } from 'vitest';
import { digest } from './digest.ts';
import { toModel } from './map.ts';
import type { YunjianEvent } from './model.ts';
import { createPseudonymiser } from './pseudonym.ts';
import type { RawEventType } from './raw/index.ts';
import { NOW, parse, rawEvent, TYPES } from './testing.ts';

const pseudonymiser = createPseudonymiser('test key');

function model(type: RawEventType, fields: Record<string, unknown> = {}): YunjianEvent {
  const parsed = parse(rawEvent(type, fields));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  const origin = { feed: parsed.feed, partition: 0, offset: 0, index: 0 };
  return toModel(parsed.event, { arrival: NOW, origin }, pseudonymiser);
}

const LINE = { feedetl_sn: '1', med_list_codg: 'X1', cnt: '2', pric: 1.5, det_item_fee_sumamt: 3 };
const CODE = { drug_trac_codg: '81234567890123456789' };

describe('identity', () => {
  const same = (type: RawEventType, a: object, b: object) =>
    model(type, a as never).document === model(type, b as never).document;

  it('a settlement or reversal is its institution and setl_id', () => {
    expect(same('settlement', {}, { event_id: 'e2', source: 'other', msgid: 'm2', medfee_sumamt: 1 })).toBe(true);
    expect(same('settlement', {}, { setl_id: 'S9' })).toBe(false);
    expect(same('settlement', {}, { fixmedins_code: 'P32110000002' })).toBe(false);
    expect(model('settlement', { setl_id: 'S2' }).document).toBe(model('settlement_reversal').document);
  });

  it('a trace event with a code is its institution, action, code and settlement, else batch and time', () => {
    const sold = { ...CODE, action: 'sale', setl_id: 'S1' };
    expect(
      same('trace', sold, { ...sold, event_id: 'e2', fixmedins_bchno: 'B', event_time: '2026-11-23 09:00:00' }),
    ).toBe(true);
    expect(same('trace', sold, { ...sold, action: 'sale_return' })).toBe(false);
    expect(same('trace', sold, { ...sold, setl_id: 'S2' })).toBe(false);
    const bought = { ...CODE, fixmedins_bchno: 'B' };
    expect(same('trace', bought, { ...bought, event_id: 'e2', source: 'other' })).toBe(true);
    expect(same('trace', bought, { ...bought, event_time: '2026-11-23 09:00:00' })).toBe(false);
    expect(same('trace', bought, { ...bought, fixmedins_bchno: 'C' })).toBe(false);
  });

  it('anything else is its source and event_id', () => {
    expect(same('trace', { fixmedins_bchno: 'B' }, { fixmedins_bchno: 'B', event_id: 'e2' })).toBe(false);
    expect(same('trace', CODE, { ...CODE, event_id: 'e2' })).toBe(false);
    for (const type of ['heartbeat', 'identity_check', 'budget', 'drug', 'person_status', 'institution'] as const) {
      expect(same(type, {}, { event_time: '2026-11-23 09:00:00' })).toBe(true);
      expect(same(type, {}, { event_id: 'e2' })).toBe(false);
      expect(same(type, {}, { source: 'other' })).toBe(false);
    }
  });
});

describe('a stroke in what identifies', () => {
  const documentOf = (type: RawEventType, fields: Record<string, unknown>) => model(type, fields).document;

  it('makes no two documents one', () => {
    expect(documentOf('heartbeat', { source: 'a|b', event_id: 'c' })).not.toBe(
      documentOf('heartbeat', { source: 'a', event_id: 'b|c' }),
    );
    const sold = (drug_trac_codg: string, setl_id: string) => documentOf('trace', { drug_trac_codg, setl_id });
    expect(sold('x|s|y', 'z')).not.toBe(sold('x', 'y|s|z'));
    const bought = (drug_trac_codg: string, fixmedins_bchno: string) =>
      documentOf('trace', { drug_trac_codg, fixmedins_bchno });
    expect(bought('x|b|y', 'z')).not.toBe(bought('x', 'y|b|z'));
    expect(sold('x', 'y')).not.toBe(bought('x', 'y'));
  });

  it('leaves the identities of old where there was one reading only', () => {
    expect(documentOf('heartbeat', { source: 'a', event_id: 'b|c' })).toBe(digest('e|a|b|c'));
    expect(documentOf('heartbeat', { source: 'a', event_id: 'b' })).toBe(digest('e|a|b'));
    const sold = { ...CODE, action: 'sale', setl_id: 'S|1', fixmedins_code: 'P32110000001' };
    expect(documentOf('trace', sold)).toBe(digest(`t|P32110000001|sale|${CODE.drug_trac_codg}|s|S|1`));
    const bought = { ...CODE, action: 'sale', fixmedins_bchno: 'B|1', fixmedins_code: 'P32110000001' };
    const at = model('trace', bought).eventTime;
    expect(documentOf('trace', bought)).toBe(digest(`t|P32110000001|sale|${CODE.drug_trac_codg}|b|B|1|${at}`));
  });
});

describe('content', () => {
  const content = (type: RawEventType, fields: Record<string, unknown> = {}) => model(type, fields).content;

  it('is all but event_id, source and msgid, however it is written', () => {
    const whole = { msgid: 'm1', feedetl: [LINE], foo: 1, bar: { b: 1, a: 2 } };
    const again = {
      bar: { a: 2, b: 1 },
      foo: 1,
      feedetl: [{ ...LINE, cnt: 2, pric: '1.5', det_item_fee_sumamt: '3.00', trdn_flag: '0' }],
      msgid: 'm2',
      event_id: 'e2',
      source: 'other',
      medfee_sumamt: 35.5,
      event_time: '2026-11-23T02:00:00Z',
      opter: '',
      dev_no: null,
    };
    expect(content('settlement', again)).toBe(content('settlement', whole));
    expect(content('settlement_reversal', { msgid: 'm1' })).toBe(content('settlement_reversal'));
  });

  it.each<[string, RawEventType, Record<string, unknown>]>([
    ['amount', 'settlement', { medfee_sumamt: 35.51 }],
    ['person', 'settlement', { psn_no: 'other' }],
    ['time', 'settlement', { event_time: '2026-11-23 10:00:01' }],
    ['a cold field', 'settlement', { opter: 'o' }],
    ['a fee line', 'settlement', { feedetl: [LINE] }],
    ['a trace code', 'settlement', { feedetl: [{ ...LINE, drug_trac_info: [CODE] }] }],
    ['an unknown field', 'settlement', { unknown: 1 }],
    ['an unknown field of a line', 'settlement', { feedetl: [{ ...LINE, unknown: 1 }] }],
    ['quantity', 'trace', { cnt: 11 }],
    ['the original', 'settlement_reversal', { orig_setl_id: 'S9' }],
  ])('another %s is another content', (_, type, fields) => {
    const before = 'feedetl' in fields ? { feedetl: [] } : {};
    expect(content(type, fields)).not.toBe(content(type, before));
  });
});

describe('privacy', () => {
  it('persons are pseudonyms of 22 characters, the same for ever under one key', () => {
    const { person } = model('settlement') as { person: string };
    expect(person).toMatch(/^[\w-]{22}$/);
    expect(person).toBe(createPseudonymiser('test key').person('P-CLEAR'));
    expect(person).not.toBe(createPseudonymiser('other key').person('P-CLEAR'));
  });

  it.each(TYPES)('%s: personal fields at any depth are hashed or masked, everything else is kept', (type) => {
    const unknown = {
      psn_name: '张三丰',
      certno: '320106199001011234',
      MDTRT_CERT_NO: 320106199001011234n.toString(),
      plain: 'kept',
      list: [{ psnNo: '320106199001011234', deeper: { tel: ['13800001111'], brdy: '1990-01-01', kept: 1 } }],
      __proto: { addr: '张三路 1 号' },
    };
    const text = JSON.stringify(model(type, unknown).cold.get());
    expect(text).not.toMatch(/三丰|三路|3201061990|1380000|1990-01/);
    const { extra } = model(type, unknown).cold.get();
    expect(extra).toMatchObject({ plain: 'kept', psn_name: '张**', list: [{ deeper: { kept: 1 } }] });
    expect((extra as typeof unknown).certno).toBe(pseudonymiser.person('320106199001011234'));
  });

  it.each([
    ['JSON as text', { exp_content: '{"psn_no":"P-CLEAR","n":[{"psn_name":"张三丰"}],"kept":1}' }],
    ['a list of it', { ext: [' [1, {"certno": "P-CLEAR"}] '] }],
    ['JSON in JSON as text', { ext: JSON.stringify({ more: JSON.stringify({ psn_no: 'P-CLEAR' }) }) }],
    [
      'names with other marks between',
      { 'PSN-NO': 'P-CLEAR', 'psn name': '张三丰', 'psn.certno': { certno: 'P-CLEAR' } },
    ],
  ])('%s hides nothing', (_, unknown) => {
    expect(JSON.stringify(model('heartbeat', unknown).cold.get())).not.toMatch(/三丰|P-CLEAR/);
  });

  it.each(['{"psn_no', '[not JSON}', '{}', '{ "b":1, "a":2.0 }', '[1]', 'a {"b":1}'])(
    'text that hides nobody is kept: %s',
    (ext) => {
      expect(model('heartbeat', { ext }).cold.get()).toMatchObject({ extra: { ext } });
    },
  );

  it('text that nests too deep to be looked through is masked', () => {
    const ext = `${'['.repeat(30_000)}{}${']'.repeat(30_000)}`;
    expect(model('heartbeat', { ext }).cold.get()).toMatchObject({ extra: { ext: '**' } });
  });

  it('nobody stands in clear in opening hours, and these are otherwise as they came', () => {
    const open_hours = { wed: '08:00-20:00', mon: null, contact: { psn_name: '张三丰', tel: '13800001111' } };
    const { openHours } = model('institution', { open_hours }).cold.get() as unknown as { openHours: object };
    expect(JSON.stringify(openHours)).not.toMatch(/三丰|1380000/);
    expect(openHours).toMatchObject({ wed: '08:00-20:00', mon: null });
  });

  it('also inside what the contract knows', () => {
    const settled = model('settlement', {
      feedetl: [
        { ...LINE, patn_name: '张三丰', drug_trac_info: [{ ...CODE, psn_no: 'P-CLEAR', min_prcunt_type: 'box' }] },
      ],
    });
    const checked = model('identity_check', {
      evidence: { uri: 'x', psn_no: 'P-CLEAR', frames: 3 },
      psn_no: 'P-CLEAR',
    });
    for (const event of [settled, checked])
      expect(JSON.stringify({ ...event, cold: event.cold.get() })).not.toMatch(/三丰|P-CLEAR/);
    expect(checked.cold.get()).toMatchObject({ evidence: { uri: 'x' }, extra: { evidence: { frames: 3 } } });
    expect(JSON.stringify(settled.cold.get())).toContain('min_prcunt_type');
  });
});
