// The archiver on a real broker and engine: killed, without its database, with contradictions in any order, it keeps what it must.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClickHouse, createClickHouse } from '@yunjian/clickhouse';
import { ColdPart, encodeLane, type RejectedRecord, type Settlement, type YunjianEvent } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import {
  closeAdmin,
  createProducer,
  groupOffsets,
  type KafkaSettings,
  type LogProducer,
  watermarks,
} from '@yunjian/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archivePorts, watchArchive } from '../../services/wall/src/feed/archived.ts';
import { finding } from '../alerting/world.ts';
import type { LocalServer } from '../support/broker.ts';
import { startClickhouse } from '../support/clickhouse.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';

const SHOP = 'P32110000001';
const ARRIVAL = Date.parse('2026-11-01T10:00:00+08:00');
const PARTITIONS = 2;

const base = (n: number) => ({
  arrival: ARRIVAL + n,
  origin: { feed: 'settlement' as const, partition: 0, offset: n, index: 0 },
  eventTime: ARRIVAL + n * 1_000,
  institution: SHOP,
  document: String(n).padStart(22, 'd'),
  content: String(n).padStart(11, 'c'),
});
const settlement = (n: number, more: Partial<Settlement> = {}): Settlement => ({
  ...base(n),
  cold: ColdPart.of({
    eventId: `e${n}`,
    source: 's',
    extra: { novel: '字段' },
    lines: [
      {
        line: '1',
        item: 'X',
        name: null,
        count: 10_000,
        unitPrice: 1.5,
        amount: 150,
        prescriptionDrug: null,
        days: null,
        occurredAt: null,
        split: false,
        codes: ['8'.repeat(20)],
      },
    ],
    operator: null,
    insurance: '310',
    accountPaid: null,
    cashPaid: null,
    visit: null,
    area: null,
    insuredArea: null,
    pharmacist: null,
  }),
  kind: 'settlement',
  settlementId: `S${n}`,
  person: 'pseudonym',
  certificate: '02',
  medicalType: '41',
  total: 500,
  fund: n,
  terminal: null,
  byAgent: false,
  messageId: null,
  prescription: null,
  begin: null,
  end: null,
  diagnosis: null,
  ...more,
});
const heartbeat = (n: number, arrival: number): YunjianEvent => ({
  ...base(n),
  arrival,
  cold: ColdPart.of({ eventId: `h${n}`, source: 's' }),
  kind: 'heartbeat',
  device: '3'.repeat(20),
});

describe('the archiver', () => {
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-archiver-'));
  const settings: KafkaSettings = { brokers: kafkaBrokers(), clientId: 'archiver-test' };
  let server: LocalServer;
  let clickhouse: ClickHouse;
  let space: Namespace;
  let archiver: ServiceProcess;
  let producer: LogProducer;
  let starts = 0;

  const start = async () => {
    archiver = await startProcess(
      'archiver',
      { ...space.env, YJ_GATHER_MS: '200' },
      join(directory, `archiver-${starts++}.log`),
    );
  };
  const lay = (...events: YunjianEvent[]) =>
    producer.send(
      space.topics.lane('institution'),
      events.map((event, n) => ({ value: encodeLane(event), partition: n % PARTITIONS })),
    );
  /** Committed up to the end of everything, after which nothing more is written. */
  const archived = () =>
    until(
      async () => {
        for (const topic of [space.topics.lane('institution'), space.topics.alertLog, space.topics.rejected]) {
          const offsets = await groupOffsets(settings, space.topics.group('archiver'), topic);
          for (const { partition, high } of await watermarks(settings, topic))
            if ((offsets[partition] ?? 0) < high) return false;
        }
        return true;
      },
      40_000,
      () => `not archived within 40 s: see ${directory}`,
    );
  const says = (reason: RegExp) =>
    until(
      async () => {
        const answer = await archiver.readyz();
        return answer?.status === 503 && reason.test(JSON.stringify(answer.body.reasons));
      },
      20_000,
      () => `readyz does not say ${reason}: see ${directory}`,
    );
  const query = <T>(sql: string) => clickhouse.query<T>(sql);

  beforeAll(async () => {
    server = await startClickhouse(directory);
    space = await namespace({ partitions: PARTITIONS, clickhouse: server.address });
    clickhouse = createClickHouse({ url: server.address, database: space.name });
    producer = await createProducer(settings);
    await start();
    await archiver.ready();
  });
  afterAll(async () => {
    await archiver.stop();
    await producer.close();
    await clickhouse.close();
    await server.stop();
    await closeAdmin(settings);
    rmSync(directory, { recursive: true, force: true });
  });

  test('killed at random and without its database for a while, it loses nothing, and repeats change nothing', {
    timeout: 120_000,
  }, async () => {
    const each = 2_000;
    for (let portion = 0; portion < 5; portion++) {
      await lay(...Array.from({ length: each }, (_, n) => settlement(portion * each + n)));
      if (portion === 1 || portion === 3) {
        await archiver.kill();
        await start();
      }
      if (portion === 2) {
        await server.kill();
        await says(/clickhouse/);
      }
      if (portion === 3) await server.start();
      await lay(...Array.from({ length: 100 }, (_, n) => settlement(portion * each + n)));
    }
    await archived();
    const total = 5 * each;
    expect(
      await query(
        'SELECT count() AS n, uniqExact(document) AS documents, sum(fund_fen) AS fund FROM settlements_current',
      ),
    ).toEqual([{ n: total, documents: total, fund: (total * (total - 1)) / 2 }]);
    const [lane] = await query<{ topic: string; next: number }>(
      `SELECT topic, max(next) AS next FROM archived_offsets WHERE partition = 0 AND topic = '${space.topics.lane('institution')}' GROUP BY topic`,
    );
    expect(lane?.next).toBe((await watermarks(settings, space.topics.lane('institution')))[0]?.high);
    await until(
      async () => (await archiver.readyz())?.status === 200,
      10_000,
      () => 'readyz does not recover',
    );
  });

  test('whether it holds what had come is known from its own offsets', async () => {
    await archived();
    await archiver.stop();
    await lay(settlement(15_000));
    const holds = watchArchive(archivePorts(settings, space.topics, clickhouse), space.topics);
    expect(await holds()).toBe(false);
    await start();
    await until(holds, 40_000, () => `not held within 40 s: see ${directory}`);
    expect(await query("SELECT 1 AS there FROM settlements_current WHERE settlement_id = 'S15000'")).toHaveLength(1);
  });

  test('a settlement is kept with its lines, its codes and what the contract does not name', async () => {
    const [row] = await query(
      "SELECT *, toString(event_time) AS at FROM settlements_current WHERE settlement_id = 'S7'",
    );
    expect(row).toMatchObject({
      institution: SHOP,
      at: '2026-11-01 02:00:07.000',
      total_fen: 500,
      fund_fen: 7,
      reversal: false,
      line_item: ['X'],
      line_amount_fen: [150],
      line_codes: [['8'.repeat(20)]],
      event_id: 'e7',
    });
    expect(JSON.parse((row as { detail: string }).detail)).toMatchObject({
      insurance: '310',
      extra: { novel: '字段' },
    });
  });

  test.each([
    ['the first read first', 20_001, [0, 1]],
    ['the first read last', 20_002, [1, 0]],
    ['the first read last, after it was archived', 20_003, [1, 'then', 0]],
  ])('of two contents under one identity the lower holds: %s', async (_, n, order) => {
    const first = settlement(n, { fund: 111 });
    const later = settlement(n + 10_000, { document: first.document, fund: 222 });
    for (const step of order) {
      if (step === 'then') await archived();
      else await lay(step === 0 ? first : later);
    }
    await archived();
    const found = (from: string) =>
      query(`SELECT fund_fen FROM ${from} WHERE institution = '${SHOP}' AND document = '${first.document}'`);
    expect(await found('settlements_current')).toEqual([{ fund_fen: 111 }]);
    await clickhouse.command('OPTIMIZE TABLE settlements FINAL');
    expect(await found('settlements_current')).toEqual([{ fund_fen: 111 }]);
  });

  test('a sign of life sent again keeps its first arrival', async () => {
    await lay(heartbeat(1, ARRIVAL + 9_000));
    await lay(heartbeat(1, ARRIVAL + 5_000), heartbeat(2, ARRIVAL + 6_000));
    await archived();
    expect(
      await query(
        'SELECT toUnixTimestamp64Milli(event_time) AS at, toUnixTimestamp64Milli(min(arrival)) AS arrival FROM heartbeats GROUP BY at ORDER BY at',
      ),
    ).toEqual([
      { at: ARRIVAL + 1_000, arrival: ARRIVAL + 5_000 },
      { at: ARRIVAL + 2_000, arrival: ARRIVAL + 6_000 },
    ]);
  });

  test('a sign of life keeps what it says beside the contract’s fields, though it be sent again without', async () => {
    const told = { eventId: 'h3', source: 's', extra: { battery: 80 } };
    await lay({ ...heartbeat(3, ARRIVAL + 7_000), cold: ColdPart.of(told) } as YunjianEvent);
    await lay(heartbeat(3, ARRIVAL + 8_000));
    await archived();
    await clickhouse.command('OPTIMIZE TABLE heartbeats FINAL');
    const at = `toUnixTimestamp64Milli(event_time) = ${ARRIVAL + 3_000}`;
    const [row] = await query<{ detail: string }>(`SELECT detail FROM heartbeats FINAL WHERE ${at}`);
    expect(JSON.parse(row?.detail ?? '')).toEqual(told);
    const empty = `SELECT count() > 0 AS some FROM heartbeats WHERE detail = ''`;
    expect(await query(empty)).toEqual([{ some: expect.toSatisfy(Boolean) }]);
  });

  test('alerts: every transition with its position, and the latest version, whatever order they are written in', async () => {
    const { cause: _cause, type: _type, reason: _reason, action: _action, ...alert } = finding('a1', 0, 1);
    const version = (n: number) => ({
      ...alert,
      version: n,
      state: { raised: n !== 3, acked: false, shelved: false, disposed: false },
      detected_at: alert.event_time,
      updated_at: alert.event_time,
      transition: { action: n === 3 ? 'withdraw' : 'raise', by: 'system', reason: 'r' },
      unknown_field: n,
    });
    for (const n of [1, 2, 3, 2])
      await producer.send(space.topics.alertLog, [{ key: 'a1', value: JSON.stringify(version(n)), partition: 0 }]);
    await archived();
    expect(
      await query("SELECT version, position, raised, amount_fen FROM alerts_current WHERE alert_id = 'a1'"),
    ).toEqual([{ version: 3, position: 2, raised: false, amount_fen: 52_000 }]);
    const transitions = await query<{ version: number; record: string }>(
      "SELECT DISTINCT version, record FROM alert_transitions WHERE alert_id = 'a1' ORDER BY version",
    );
    expect(transitions.map(({ record }) => JSON.parse(record))).toEqual([version(1), version(2), version(3)]);
  });

  test('the clips that alerts cite as they now stand are listed for whoever holds the footage', async () => {
    const clip = { kind: 'clip', ref: 'check', uri: 'https://video/a/1.mp4', sha256: 'ab'.repeat(32) };
    const { cause: _cause, type: _type, reason: _reason, action: _action, ...alert } = finding('a2', 0, 1);
    for (const version of [1, 2]) {
      const record = {
        ...alert,
        version,
        state: { raised: true, acked: false, shelved: false, disposed: false },
        detected_at: alert.event_time,
        updated_at: alert.event_time,
        transition: { action: 'raise', by: 'system', reason: 'r' },
        evidence: [
          ...alert.evidence,
          clip,
          { kind: 'clip', ref: 'other', uri: `https://video/a/v${version}.mp4` },
          { kind: 'check', ref: 'without a clip' },
        ],
      };
      await producer.send(space.topics.alertLog, [{ key: 'a2', value: JSON.stringify(record), partition: 0 }]);
    }
    await archived();
    expect(
      await query(
        "SELECT institution, raised, disposed, uri, sha256 FROM cited_clips WHERE alert_id = 'a2' ORDER BY uri",
      ),
    ).toEqual([
      { institution: 'P32110200001', raised: true, disposed: false, uri: clip.uri, sha256: clip.sha256 },
      { institution: 'P32110200001', raised: true, disposed: false, uri: 'https://video/a/v2.mp4', sha256: null },
    ]);
  });

  test('what was refused is kept without personal data', async () => {
    const rejected: RejectedRecord = {
      origin: { topic: 'x', partition: 1, offset: 5 },
      reason: 'invalid',
      issues: [{ path: 'setl_id', message: 'expected text' }],
      bytes: Buffer.from(JSON.stringify({ psn_no: '321100197001011234', psn_name: '张三' })).toString('base64'),
      arrived_at: '2026-11-01T10:00:00+08:00',
    };
    await producer.send(space.topics.rejected, [{ value: JSON.stringify(rejected), partition: 0 }]);
    await archived();
    const rows = await query<Record<string, unknown>>("SELECT * FROM rejected WHERE reason = 'invalid'");
    expect(rows).toMatchObject([
      { topic: 'x', partition: 1, offset: 5, size: Buffer.from(rejected.bytes, 'base64').length },
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/321100197001011234|张三/);
    expect(JSON.parse(rows[0]?.event as string)).toMatchObject({ psn_name: '张**' });
  });

  test('what cannot be read, what no column holds and what ClickHouse will not take goes to rejected with the reason; its neighbours are kept', async () => {
    const { high: before } = (await watermarks(settings, space.topics.rejected))[0] as { high: number };
    await clickhouse.command("ALTER TABLE settlements ADD CONSTRAINT closed CHECK settlement_id != 'S50004'");
    await producer.send(space.topics.lane('institution'), [{ value: '[99]', partition: 0 }]);
    await lay(
      settlement(50_001),
      settlement(50_002, { fund: 'much' as never }),
      settlement(50_003),
      settlement(50_004),
      settlement(50_005),
    );
    await archived();
    await clickhouse.command('ALTER TABLE settlements DROP CONSTRAINT closed');
    expect((await watermarks(settings, space.topics.rejected))[0]?.high).toBe(before + 3);
    await archived();
    const issues = await query<{ issues: string }>(
      `SELECT issues FROM rejected WHERE reason = 'poison' AND topic = '${space.topics.lane('institution')}' ORDER BY position`,
    );
    const reasons = issues.map(({ issues: text }) => text).join();
    expect(reasons).toMatch(/tag must be/);
    expect(reasons).toMatch(/settlements\.fund_fen: expected an integer/);
    expect(reasons).toMatch(/Constraint `closed`/);
    expect(
      await query(
        "SELECT settlement_id FROM settlements_current WHERE settlement_id LIKE 'S5000_' ORDER BY settlement_id",
      ),
    ).toEqual([{ settlement_id: 'S50001' }, { settlement_id: 'S50003' }, { settlement_id: 'S50005' }]);
  });

  test('a table that is missing is no fault of the rows: it waits and says so', async () => {
    await clickhouse.command('RENAME TABLE settlements TO settlements_away');
    await lay(settlement(60_001));
    await says(/archive: table settlements/);
    await clickhouse.command('RENAME TABLE settlements_away TO settlements');
    await archived();
    expect(await query("SELECT fund_fen FROM settlements_current WHERE settlement_id = 'S60001'")).toEqual([
      { fund_fen: 60_001 },
    ]);
  });

  test('SIGTERM: what was gathered is written and committed', async () => {
    await lay(settlement(70_001));
    expect(await archiver.stop()).toBe(0);
    await start();
    await archiver.ready();
    await archived();
    expect(await query("SELECT count() AS n FROM settlements_current WHERE settlement_id = 'S70001'")).toEqual([
      { n: 1 },
    ]);
  });
});
