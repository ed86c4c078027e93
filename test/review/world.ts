// Ingest and ledger with a ClickHouse of their own, and a till that asks before it sells.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReviewAnswer } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import type { LocalServer } from '../support/broker.ts';
import { startClickhouse } from '../support/clickhouse.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { namespace } from '../support/stack.ts';

const KEYS = [
  { key: 'everywhere-key', name: 'bureau', institutions: '*' },
  { key: 'only-one-key', name: 'one pharmacy', institutions: ['P32110000001'] },
];

export interface Asked {
  status: number;
  type: string | null;
  body: ReviewAnswer & { detail?: string; issues?: { path: string; message: string }[] };
  ms: number;
}

export interface ReviewWorld {
  clickhouse: LocalServer;
  ingest: ServiceProcess;
  /** The one that runs now. */
  ledger(): ServiceProcess;
  restartLedger(): Promise<void>;
  /** Through the door; resolves once accepted. */
  send(...events: object[]): Promise<void>;
  ask(settlement: unknown, options?: { key?: string | null; type?: string; method?: string }): Promise<Asked>;
  /** What rules.yaml says from now on. */
  rules(text: string): void;
  /** Asks until the answer is a judgement: a loaded machine's may be degraded, and a till then asks again. */
  judged(settlement: unknown, options?: { key?: string }): Promise<Asked>;
  /** Asks until the judgement is as wanted. */
  askUntil(settlement: unknown, wanted: (asked: Asked) => boolean, what: string): Promise<Asked>;
  close(): Promise<void>;
}

export async function reviewWorld(): Promise<ReviewWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-review-'));
  const clickhouse = await startClickhouse(directory);
  const space = await namespace({ partitions: 2, clickhouse: clickhouse.address });
  const rulesFile = join(directory, 'rules.yaml');
  writeFileSync(rulesFile, '');
  let starts = 0;
  const startLedger = () => startProcess('ledger', space.env, join(directory, `ledger-${starts++}.log`));
  let ledger = await startLedger();
  const ingest = await startProcess(
    'ingest',
    {
      ...space.env,
      YJ_API_KEYS: JSON.stringify(KEYS),
      YJ_PSEUDONYM_KEY: 'test-pseudonym-key',
      YJ_REVIEW_URL: ledger.url,
      YJ_RULES: rulesFile,
    },
    join(directory, 'ingest.log'),
  );
  await Promise.all([ledger.ready(), ingest.ready()]);
  const headers = (key: string | null, type: string) => ({
    'content-type': type,
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
  });
  const ask: ReviewWorld['ask'] = async (settlement, options = {}) => {
    const { key = 'everywhere-key', type = 'application/json', method = 'POST' } = options;
    const started = performance.now();
    const response = await fetch(`${ingest.url}/v1/review`, {
      method,
      headers: headers(key, type),
      ...(method === 'GET' ? {} : { body: typeof settlement === 'string' ? settlement : JSON.stringify(settlement) }),
    });
    const body = (await response.json()) as Asked['body'];
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body,
      ms: performance.now() - started,
    };
  };
  const waitFor = async (answer: () => Promise<Asked>, wanted: (asked: Asked) => boolean, what: string) => {
    let last: Asked | undefined;
    await until(
      async () => {
        last = await answer();
        return !last.body.degraded && wanted(last);
      },
      20_000,
      () => `${what}, got ${JSON.stringify(last?.body)}: see ${directory}`,
    );
    return last as Asked;
  };
  return {
    clickhouse,
    ingest,
    ledger: () => ledger,
    async restartLedger() {
      const port = new URL(ledger.url).port;
      await ledger.kill();
      // On the same port: ingest knows no other.
      ledger = await startProcess('ledger', space.env, join(directory, `ledger-${starts++}.log`), Number(port));
      await ledger.ready();
    },
    async send(...events) {
      const response = await fetch(`${ingest.url}/v1/events`, {
        method: 'POST',
        headers: headers('everywhere-key', 'application/json'),
        body: JSON.stringify(events),
      });
      const answer = await response.text();
      if (response.status !== 202 || !answer.includes('"rejected":[]'))
        throw new Error(`POST /v1/events answered ${response.status} ${answer}`);
    },
    rules: (text) => writeFileSync(rulesFile, text),
    ask,
    judged: (settlement, options) =>
      waitFor(
        () => ask(settlement, options),
        () => true,
        'reviews stay degraded',
      ),
    askUntil: (settlement, wanted, what) => waitFor(() => ask(settlement), wanted, what),
    async close() {
      await Promise.all([ledger.kill(), ingest.kill()]);
      await clickhouse.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

let sequence = 0;
const ITEM = 'XA02BCA049A001010100483';

/** A settlement of now with one line that carries `code`; fields replaced. */
export function settlement(code: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  const id = `S${++sequence}`;
  return {
    event_id: `e-${id}`,
    event_type: 'settlement',
    event_time: new Date().toISOString(),
    source: 'pos',
    fixmedins_code: 'P32110000001',
    setl_id: id,
    psn_no: `PERSON-IN-CLEAR-${id}`,
    mdtrt_cert_type: '02',
    med_type: '41',
    medfee_sumamt: '35.50',
    fund_pay_sumamt: '30.00',
    feedetl: [
      {
        feedetl_sn: '1',
        med_list_codg: ITEM,
        cnt: 1,
        pric: 20,
        det_item_fee_sumamt: '20.00',
        inscp_amt: '18.40',
        drug_trac_info: [{ drug_trac_codg: code }],
      },
    ],
    ...fields,
  };
}
