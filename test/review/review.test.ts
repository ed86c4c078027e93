// A till asks before it sells: the same ledgers and rules as behind the alerts answer, and no trouble of ours ever stops the sale.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReviewWorld, reviewWorld, settlement } from './world.ts';

const [BOX, FRESH] = ['81234567890123456701', '81234567890123456702'];

let world: ReviewWorld;
beforeAll(async () => {
  world = await reviewWorld();
});
afterAll(() => world.close());

/** Sends a sale and waits until reviews know it. */
async function sold(code: string, fields: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const sale = settlement(code, fields);
  await world.send(sale);
  await world.askUntil(settlement(code), ({ body }) => body.result.length > 0, `${code} is not known as sold`);
  return sale;
}

describe('a review', () => {
  test('finds nothing in a sale that nothing contradicts, and leaves no trace of itself', async () => {
    const asked = settlement(FRESH);
    const { status, body } = await world.judged(asked);
    expect([status, body]).toEqual([200, { result: [], degraded: false }]);
    expect((await world.judged(settlement(FRESH))).body).toEqual({ result: [], degraded: false });
  });

  test('is of a settlement that is not made yet: it needs no id and no envelope of an event', async () => {
    const { setl_id, event_id, event_type, event_time, source, ...till } = settlement(FRESH);
    expect([setl_id, event_id, event_type, event_time, source]).not.toContain(undefined);
    const { status, body } = await world.judged(till);
    expect([status, body]).toEqual([200, { result: [], degraded: false }]);
  });

  test('names the code that was sold, the rule, the amount in question and the earlier sale', async () => {
    const first = await sold(BOX, { fixmedins_code: 'P32110000002' });
    const { body } = await world.judged(settlement(BOX));
    expect(body).toEqual({
      degraded: false,
      result: [
        expect.objectContaining({
          rule_id: 'trace-repeated',
          rule_name: '追溯码重复结算(疑似假药)',
          vola_cont: expect.stringContaining(`追溯码 ${BOX}`),
          vola_amt: '18.40',
          sev_deg: '违规',
          level: 1,
          vola_evid: [{ kind: 'settlement', ref: first.setl_id, fixmedins_code: 'P32110000002' }],
          elsewhere: 0,
          en: expect.objectContaining({ vola_cont: expect.stringContaining(`Code ${BOX}`) }),
        }),
      ],
    });
    expect(JSON.stringify(body)).not.toContain('PERSON-IN-CLEAR');
  });

  test('counts the documents of institutions outside the key’s scope, and shows none of them', async () => {
    const { status, body } = await world.judged(settlement(BOX), { key: 'only-one-key' });
    expect(status).toBe(200);
    expect(body.result).toEqual([expect.objectContaining({ rule_id: 'trace-repeated', vola_evid: [], elsewhere: 1 })]);
  });

  test('knows the catalogue: a box that is another drug than the one billed', async () => {
    const [code, prefix] = ['89999991234567890123', '8999999'];
    await world.send({
      event_id: 'd1',
      event_type: 'drug',
      event_time: new Date().toISOString(),
      source: 'catalogue',
      fixmedins_code: '321100',
      med_list_codg: 'XR05CBA198A001010100863',
      name: '盐酸氨溴索口服溶液',
      prefixes: [{ prefix, level: 1 }],
    });
    const { body } = await world.askUntil(
      settlement(code),
      (asked) => asked.body.result.length > 0,
      'the catalogue is not known',
    );
    expect(body.result).toEqual([
      expect.objectContaining({ rule_id: 'trace-product-mismatch', sev_deg: '违规', vola_evid: [], vola_amt: '18.40' }),
    ]);
  });

  test('of the settlement that is already made finds nothing new, nor of one that was reversed', async () => {
    const code = '81234567890123456703';
    const sale = await sold(code);
    expect((await world.judged(sale)).body.result).toEqual([]);
    const { setl_id, psn_no, fixmedins_code, source } = sale;
    await world.send({
      event_id: 'r1',
      event_type: 'settlement_reversal',
      event_time: new Date().toISOString(),
      source,
      fixmedins_code,
      setl_id: `${setl_id}-R`,
      orig_setl_id: setl_id,
      psn_no,
      medfee_sumamt: '-35.50',
      fund_pay_sumamt: '-30.00',
      refd_setl_flag: 1,
    });
    await world.askUntil(settlement(code), ({ body }) => body.result.length === 0, 'the reversal is not known');
  });
});

describe('the rules in force', () => {
  const code = '81234567890123456704';
  const asks = (institution: string) => settlement(code, { fixmedins_code: institution });
  const finds = (count: number) => (asked: { body: { result: unknown[] } }) => asked.body.result.length === count;
  const [LENIENT, OTHER] = ['P32110000007', 'P32110000008'];

  test('are a review’s within seconds: of all, and of those to which a when fits', async () => {
    await sold(code);
    world.rules('detectors: { trace-repeated: { enabled: false } }');
    await world.askUntil(asks(LENIENT), finds(0), 'a rule that is switched off still speaks');
    await world.send({
      event_id: 'i1',
      event_type: 'institution',
      event_time: new Date().toISOString(),
      source: 'registry',
      fixmedins_code: LENIENT,
      name: '宽限药店',
      kind: 'pharmacy',
      admdvs: '321102',
      grid: ['镇江市', '京口区'],
    });
    world.rules('detectors: { trace-repeated: { when: [{ district: 京口区, params: { times: 3 } }] } }');
    await world.askUntil(asks(OTHER), finds(1), 'a rule that is switched on again says nothing');
    await world.askUntil(asks(LENIENT), finds(0), 'what is said of its district does not reach it');
    world.rules('');
    await world.askUntil(asks(LENIENT), finds(1), 'rules that are gone still hold');
  });
});

describe('refuses', () => {
  const valid = settlement(FRESH);
  test.each([
    ['no JSON', '{', 400],
    ['a list', [valid], 400],
    ['a missing person', { ...valid, psn_no: undefined }, 422],
    ['an amount with three decimals', { ...valid, medfee_sumamt: '1.005' }, 422],
    ['a reversal', { ...valid, event_type: 'settlement_reversal', orig_setl_id: 'S0' }, 422],
    ['tomorrow', { ...valid, event_time: new Date(Date.now() + 86_400_000).toISOString() }, 422],
    ['70 KiB', { ...valid, note: 'x'.repeat(70_000) }, 413],
  ])('%s', async (_, body, status) => {
    const asked = await world.ask(body);
    expect([asked.status, asked.type]).toEqual([status, 'application/problem+json']);
    if (status === 422)
      expect(asked.body.issues?.[0]).toEqual({ path: expect.any(String), message: expect.any(String) });
  });

  test.each([
    ['a wrong key', { key: 'wrong-key-wrong' }, 401],
    ['no key', { key: null }, 401],
    ['another type', { type: 'text/plain' }, 415],
    ['another method', { method: 'GET' }, 405],
  ])('%s', async (_, options, status) => {
    const asked = await world.ask(valid, options);
    expect([asked.status, asked.type]).toEqual([status, 'application/problem+json']);
  });

  test('an institution outside the key’s scope', async () => {
    const foreign = settlement(FRESH, { fixmedins_code: 'P32110000002' });
    expect((await world.ask(foreign, { key: 'only-one-key' })).status).toBe(403);
  });
});

describe('answers as degraded and at once', () => {
  const degraded = async (what: string, reason: RegExp) => {
    const { status, body, ms } = await world.ask(settlement(BOX));
    expect([what, status, body]).toEqual([
      what,
      200,
      { result: [], degraded: true, reasons: [expect.stringMatching(reason)] },
    ]);
    // A till waits 800 ms; the rest is a loaded machine's.
    expect(ms).toBeLessThan(1_500);
  };

  test('while ClickHouse is away, and whole again when it is back', async () => {
    await world.clickhouse.kill();
    await degraded('first', /./);
    await degraded('second', /clickhouse/);
    expect((await world.ingest.readyz())?.status).toBe(200);
    await world.send(settlement(FRESH));
    await world.clickhouse.start();
    await world.askUntil(settlement(BOX), ({ body }) => body.result.length === 1, 'reviews do not come back');
  });

  test('while the ledger hangs, is dead, and until it is back', async () => {
    world.ledger().signal('SIGSTOP');
    await degraded('hangs', /within 800 ms/);
    world.ledger().signal('SIGCONT');
    await world.ledger().kill();
    await degraded('dead', /does not answer/);
    await world.restartLedger();
    await world.askUntil(settlement(BOX), ({ body }) => body.result.length === 1, 'reviews do not come back');
  });
});
