// A box's life and a person's over the API, from what real doors, router and ledger have stored: joined, netted, paged, and on record.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouse } from '@yunjian/clickhouse';
import { type BoxLife, createPseudonymiser, type PersonHistory } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { type Namespace, namespace } from '../support/stack.ts';
import { OPERATOR, type WallProcess, wallProcess } from './service.ts';

const [BOX, SHOP, OTHER, ITEM] = ['81234567890123456701', 'P32110000001', 'P32110000002', 'XA02BCA049A001010100483'];
const [PERSON, KEY] = ['PERSON-IN-CLEAR-1', 'test-pseudonym-key'];
const PSEUDONYM = createPseudonymiser(KEY).person(PERSON);
const START = Date.now() - 3_600_000;

let sequence = 0;
/** Minutes after the start. */
const event = (event_type: string, minute: number, fields: Record<string, unknown>) => ({
  event_id: `e${++sequence}`,
  event_type,
  event_time: new Date(START + minute * 60_000).toISOString(),
  source: 'test',
  fixmedins_code: SHOP,
  ...fields,
});
const trace = (action: string, minute: number, fields: Record<string, unknown> = {}) =>
  event('trace', minute, { action, med_list_codg: ITEM, cnt: 1, drug_trac_codg: BOX, ...fields });
const sale = (setl_id: string, minute: number, fields: Record<string, unknown> = {}) =>
  event('settlement', minute, {
    setl_id,
    psn_no: PERSON,
    mdtrt_cert_type: '02',
    med_type: '41',
    medfee_sumamt: '35.50',
    fund_pay_sumamt: '30.00',
    feedetl: [
      {
        feedetl_sn: '1',
        med_list_codg: ITEM,
        med_list_name: '氨溴索',
        cnt: 1,
        pric: 35.5,
        det_item_fee_sumamt: '35.50',
        drug_trac_info: [{ drug_trac_codg: BOX }],
      },
    ],
    ...fields,
  });

describe('lives', () => {
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-lives-'));
  let space: Namespace;
  let wall: WallProcess;
  const running: ServiceProcess[] = [];

  const get = async <T>(path: string, headers: Record<string, string> = {}) => {
    const response = await wall.ask(path, { headers });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: (await response.json()) as T & { detail?: string },
    };
  };
  const history = (query = '', reason: string | null = '核查重复结算') =>
    get<PersonHistory>(
      `/api/persons/${PSEUDONYM}/history${query}`,
      reason === null ? {} : { 'x-reason': encodeURIComponent(reason) },
    );
  const reveals = async () => {
    const clickhouse = createClickHouse({ url: space.env.CLICKHOUSE_URL as string, database: space.name });
    const rows = await clickhouse.query<Record<string, unknown>>(
      'SELECT operator, person, reason, continued FROM reveals FINAL ORDER BY at',
    );
    await clickhouse.close();
    return rows;
  };

  beforeAll(async () => {
    space = await namespace({ partitions: 2 });
    wall = await wallProcess(space.env);
    const secrets = { YJ_PSEUDONYM_KEY: KEY, YJ_API_KEYS: '[{"key":"test-api-key","name":"test","institutions":"*"}]' };
    const start = (service: string, env = {}) =>
      startProcess(service, { ...space.env, ...env }, join(directory, `${service}.log`));
    running.push(await start('ingest', secrets), await start('ledger'), await start('archiver', secrets));
    await Promise.all([wall.start(), ...running.map((each) => each.ready())]);
    const events = [
      event('drug', 0, { med_list_codg: ITEM, name: '盐酸氨溴索口服溶液' }),
      trace('purchase', 1, { fixmedins_bchno: 'B1', manu_lotnum: 'L7', supplier: '国药控股' }),
      sale('S1', 2),
      trace('sale', 3, { setl_id: 'S1', mdtrt_setl_type: 1 }),
      event('settlement_reversal', 4, {
        setl_id: 'R1',
        orig_setl_id: 'S1',
        psn_no: PERSON,
        medfee_sumamt: '-35.50',
        fund_pay_sumamt: '-30.00',
        refd_setl_flag: 1,
      }),
      sale('S2', 5),
      trace('sale', 6, { fixmedins_code: OTHER, mdtrt_setl_type: 2, fixmedins_bchno: 'B2' }),
      trace('sale_return', 7, { fixmedins_code: OTHER, fixmedins_bchno: 'B2' }),
      event('person_status', 8, { psn_no: PERSON, status: 'suspended', effective_at: new Date(START).toISOString() }),
    ];
    const response = await fetch(`${running[0]?.url}/v1/events`, {
      method: 'POST',
      headers: { authorization: 'Bearer test-api-key', 'content-type': 'application/json' },
      body: JSON.stringify(events),
    });
    expect(await response.json()).toEqual({ accepted: events.length, rejected: [] });
    const told = async () => {
      const box = await get<BoxLife>(`/api/trace/${BOX}`);
      return box.status === 200 && box.body.events.length === 6 && box.body.name !== null;
    };
    await until(told, 30_000, () => `the box's life is not whole: see ${directory}`);
    await until(
      async () => (await history()).body.events?.length === 4,
      30_000,
      () => `the person's history is not whole: see ${directory}`,
    );
  });
  afterAll(async () => {
    await Promise.all([wall.stop(), ...running.map((each) => each.kill())]);
    rmSync(directory, { recursive: true, force: true });
  });

  test('a box from purchase to sale: both channels of a sale are one, what was undone says by what', async () => {
    const { body } = await get<BoxLife>(`/api/trace/${BOX}`);
    expect(body).toMatchObject({
      code: BOX,
      verified_form: true,
      med_list_codg: ITEM,
      name: '盐酸氨溴索口服溶液',
      net_sales: 1,
      truncated: false,
      next_cursor: null,
    });
    expect(
      body.events.map(({ action, setl_id, channels, status, counterpart }) => [
        action,
        setl_id,
        channels.join('+'),
        status,
        counterpart,
      ]),
    ).toEqual([
      ['purchase', null, 'upload', null, null],
      ['sale', 'S1', 'settlement+upload', 'reversed', 'R1'],
      ['reversal', 'R1', 'settlement', null, 'S1'],
      ['sale', 'S2', 'settlement', 'counted', null],
      ['sale', null, 'upload', 'returned', null],
      ['sale_return', null, 'upload', null, null],
    ]);
    expect(body.events[0]).toMatchObject({ fixmedins_bchno: 'B1', manu_lotnum: 'L7', supplier: '国药控股', cnt: 1 });
  });

  test('a person: newest first, reversals netted, nobody named', async () => {
    const { body } = await history();
    expect(body).toMatchObject({
      person: PSEUDONYM,
      status: 'suspended',
      net: { settlements: 1, fund_pay_sumamt: '30.00' },
      next_cursor: null,
    });
    expect(body.events.map((each) => ('setl_id' in each ? each.setl_id : each.event_type))).toEqual([
      'person_status',
      'S2',
      'R1',
      'S1',
    ]);
    expect(body.events[3]).toMatchObject({
      reversed_by: { setl_id: 'R1' },
      fund_pay_sumamt: '30.00',
      lines: [{ med_list_name: '氨溴索', drug_trac_codg: [BOX] }],
    });
    expect(body.events[2]).toMatchObject({ reverses: { setl_id: 'S1' }, fund_pay_sumamt: '-30.00' });
    expect(JSON.stringify(body)).not.toContain(PERSON);
  });

  test.each([`/api/trace/${BOX}`, `/api/persons/${PSEUDONYM}/history`])(
    'pages of any size are the whole: %s',
    async (path) => {
      const read = async (limit: number) => {
        const events: unknown[] = [];
        for (let cursor: string | null = ''; cursor !== null; ) {
          const query: string = `?limit=${limit}&reason=audit${cursor === '' ? '' : `&cursor=${cursor}`}`;
          const asked = path.includes('trace') ? query.replace('&reason=audit', '') : query;
          const { body } = await get<BoxLife | PersonHistory>(`${path}${asked}`);
          expect(body.events.length).toBeLessThanOrEqual(limit);
          events.push(...body.events);
          cursor = body.next_cursor;
        }
        return events;
      };
      const whole = await read(500);
      expect(await read(1)).toEqual(whole);
      expect(await read(3)).toEqual(whole);
    },
  );

  test('a look at a person needs a reason and is on record before anything is shown', async () => {
    const before = (await reveals()).length;
    expect(await history('', null)).toMatchObject({ status: 400, type: expect.stringContaining('problem+json') });
    expect(await history('', '  ')).toMatchObject({ status: 400 });
    expect(await reveals()).toHaveLength(before);
    expect((await history('', '复核 case 7')).status).toBe(200);
    expect((await reveals()).at(-1)).toEqual({
      operator: OPERATOR,
      person: PSEUDONYM,
      reason: '复核 case 7',
      continued: false,
    });
    const unknown = await get('/api/persons/0123456789abcdefghijkl/history?reason=unknown');
    expect(unknown.status).toBe(404);
    expect(await reveals()).toHaveLength(before + 2);
  });

  test.each([
    ['/api/trace/nothing-of-that-code', 404],
    [`/api/trace/${BOX}?limit=0`, 400],
    [`/api/trace/${BOX}?limit=501`, 400],
    [`/api/trace/${BOX}?cursor=nonsense`, 400],
    [`/api/trace/${BOX}?other=1`, 400],
    ['/api/persons/short/history?reason=audit', 400],
    [`/api/persons/${PSEUDONYM}`, 404],
    [`/api/persons/${PSEUDONYM}/history?reason=audit&cursor=bm9uZQ`, 400],
  ])('%s is answered with a problem of status %i', async (path, status) => {
    expect(await get(path)).toMatchObject({ status, type: expect.stringContaining('application/problem+json') });
  });

  test('neither is told without a token', async () => {
    for (const path of [`/api/trace/${BOX}`, `/api/persons/${PSEUDONYM}/history?reason=audit`])
      expect((await fetch(`${wall.url}${path}`)).status).toBe(401);
  });
});
