// The HTTP door on a real broker: every answer of the contract, and nothing refused that is not kept.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServiceProcess } from '../support/process.ts';
import { heartbeat, IngestWorld, lines, type PostOptions, post, settlement } from './world.ts';

let world: IngestWorld;
let ingest: ServiceProcess;

beforeAll(async () => {
  world = await IngestWorld.open();
  ingest = await world.start();
});
afterAll(() => world.close());

const IN_BOTH_LANGUAGES = /\p{Script=Han}.* \/ .*[a-z]/u;
const codeOf = (name: string) => `P3211000${name}`;
const bytesOf = (record: { bytes: string }) => Buffer.from(record.bytes, 'base64').toString();

describe('accepted', () => {
  test('NDJSON and a JSON array, each record with its own bytes, under its institution', async () => {
    const spaced = `{ "event_id" : "own-bytes",${JSON.stringify(settlement())
      .slice(1)
      .replace(/"event_id":"[^"]*",/, '')}`;
    const array = `[${spaced} ,\n ${JSON.stringify(heartbeat())}]`;
    expect((await post(ingest, array, { type: 'application/json; charset=utf-8' })).body).toEqual({
      accepted: 2,
      rejected: [],
    });
    const answer = await post(ingest, `${lines(settlement(), settlement())}\n\r\n`);
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({ accepted: 2, rejected: [] });
    const raw = await world.read(world.names.raw('settlement'));
    const own = raw.find(({ value }) => value?.includes('own-bytes'));
    expect(String(own?.value)).toBe(spaced);
    expect(String(own?.key)).toBe('P32110000001');
  });

  test('a repeat is accepted', async () => {
    const body = lines(settlement({ setl_id: 'again' }));
    expect((await post(ingest, body)).body.accepted).toBe(1);
    expect((await post(ingest, body)).body.accepted).toBe(1);
  });

  test('a gzip body', async () => {
    const answer = await post(ingest, gzipSync(lines(settlement())), { headers: { 'content-encoding': 'gzip' } });
    expect(answer.body).toEqual({ accepted: 1, rejected: [] });
  });

  test('an institution that nobody has registered', async () => {
    expect((await post(ingest, lines(settlement({ fixmedins_code: codeOf('9999') })))).body.accepted).toBe(1);
  });

  test('exactly 64 KiB', async () => {
    const bare = JSON.stringify(settlement({ note: '' }));
    const full = bare.replace('"note":""', `"note":"${'x'.repeat(64 * 1024 - bare.length)}"`);
    expect(full.length).toBe(64 * 1024);
    expect((await post(ingest, full)).body).toEqual({ accepted: 1, rejected: [] });
  });
});

describe('refused records', () => {
  const minutes = (n: number) => new Date(Date.now() + n * 60_000).toISOString();
  const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown;
  const lineOf = (fields: object) => ({
    feedetl_sn: '1',
    med_list_codg: 'X',
    cnt: 1,
    pric: 1,
    det_item_fee_sumamt: 1,
    ...fields,
  });
  test.each<[name: string, record: string | Buffer, path: string | null, reason: string]>([
    ['malformed JSON', '{"event_id":"m",', '', 'not_json'],
    ['no object', '42', '', 'not_json'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), '', 'not_utf8'],
    ['an unknown type', JSON.stringify(settlement({ event_type: 'sale' })), 'event_type', 'invalid'],
    ['a wrong type', JSON.stringify(settlement({ setl_id: 7 })), 'setl_id', 'invalid'],
    ['a wrong type in an optional field', JSON.stringify(settlement({ opter: { a: 1 } })), 'opter', 'invalid'],
    ['the future', JSON.stringify(settlement({ event_time: minutes(6) })), 'event_time', 'future'],
    ['an ancient time', JSON.stringify(settlement({ event_time: minutes(-401 * 1440) })), 'event_time', 'ancient'],
    ['64 KiB + 1', JSON.stringify(settlement({ note: 'x'.repeat(64 * 1024) })), '', 'too_large'],
    ['a bad institution', JSON.stringify(settlement({ fixmedins_code: 'X1' })), 'fixmedins_code', 'invalid'],
    ['a negative quantity', JSON.stringify(settlement({ feedetl: [lineOf({ cnt: -1 })] })), 'feedetl.0.cnt', 'invalid'],
    ['three decimals', JSON.stringify(settlement({ medfee_sumamt: '1.005' })), 'medfee_sumamt', 'invalid'],
    ['a NUL', JSON.stringify(settlement({ opter: 'a\u0000b' })), 'opter', 'invalid'],
    ['half a surrogate', JSON.stringify(settlement()).replace('"pos"', '"\\ud800"'), 'source', 'invalid'],
    ['a deep nesting', JSON.stringify(settlement({ deep: nested(1000) })), '', 'invalid'],
    [
      '10,000 fee lines',
      JSON.stringify(settlement({ feedetl: Array.from({ length: 10_000 }, () => lineOf({})) })),
      '',
      'too_large',
    ],
  ])(
    '%s: told with its index, kept with its reason, and the valid ones beside it go on',
    async (_, record, path, reason) => {
      const before = (await world.rejected()).length;
      const body = Buffer.concat(
        [lines(settlement()), record, '\n', lines(heartbeat())].map((part) => Buffer.from(part)),
      );
      const answer = await post(ingest, body);
      expect(answer.status).toBe(202);
      expect(answer.body.accepted).toBe(2);
      expect(answer.body.rejected).toHaveLength(1);
      expect(answer.body.rejected[0]).toMatchObject({ index: 1, issues: [{ path }] });
      const [kept, ...more] = (await world.rejected()).slice(before);
      expect(more).toEqual([]);
      expect(kept).toMatchObject({ origin: null, reason });
      expect(Buffer.from(kept!.bytes, 'base64').equals(Buffer.from(record))).toBe(true);
    },
  );

  test('60 KiB of brackets stops nothing', async () => {
    const deep = JSON.stringify(settlement()).replace(/}$/, `,"deep":${'['.repeat(30_000)}${']'.repeat(30_000)}}`);
    const answer = await post(ingest, `[${deep}, ${JSON.stringify(settlement())}]`, { type: 'application/json' });
    expect(answer.body).toMatchObject({ accepted: 1, rejected: [{ index: 0 }] });
  });

  test('a name like __proto__ is a name', async () => {
    const record = JSON.stringify(settlement()).replace(/}$/, ',"__proto__":{"polluted":1},"constructor":{"x":1}}');
    expect((await post(ingest, record)).body).toEqual({ accepted: 1, rejected: [] });
  });

  test('the elements of an array before it breaks are taken, the rest is refused once', async () => {
    const answer = await post(ingest, `[${JSON.stringify(settlement())}, {"event_id": `, { type: 'application/json' });
    expect(answer.body).toMatchObject({ accepted: 1, rejected: [{ index: 1, event_id: null }] });
  });

  test('no message carries what somebody put there', async () => {
    const answer = await post(
      ingest,
      lines(settlement({ medfee_sumamt: '320106199001011234', event_time: '320106199001011234' })),
    );
    expect(answer.body.rejected[0]?.issues).toHaveLength(2);
    expect(JSON.stringify(answer.body)).not.toContain('3201061990');
  });
});

describe('refused requests', () => {
  test.each([
    ['no key', null],
    ['an unknown key', 'not-a-key'],
    ['the beginning of a key', 'everywhere-ke'],
  ])('%s: 401', async (_, key) => {
    const answer = await post(ingest, lines(settlement()), { key });
    expect(answer.status).toBe(401);
    expect(answer.body.detail).toMatch(IN_BOTH_LANGUAGES);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  test('an institution outside the scope: 403, nothing accepted, everything kept', async () => {
    const events = async () =>
      (await world.read(world.names.raw('trace'))).filter(({ headers }) => headers['yj-kind'] === undefined);
    const before = (await world.rejected()).length;
    const trace = (fixmedins_code: string) => ({
      ...heartbeat(),
      event_type: 'trace',
      fixmedins_code,
      action: 'purchase',
      med_list_codg: 'X',
      cnt: 1,
    });
    const answer = await post(ingest, lines(trace('P32110000001'), trace('P32110000002')), { key: 'only-one-key' });
    expect(answer.status).toBe(403);
    expect(answer.body.detail).toContain('record 1');
    expect(await events()).toEqual([]);
    expect((await world.rejected()).slice(before).map(({ reason }) => reason)).toEqual(['forbidden', 'forbidden']);
    expect((await post(ingest, lines(trace('P32110000001')), { key: 'only-one-key' })).body.accepted).toBe(1);
    expect(await events()).toHaveLength(1);
  });

  test('an event type that the key may not send: 403, and which field it is; the others it may', async () => {
    const before = (await world.rejected()).length;
    const registration = { ...heartbeat(), event_type: 'institution', name: 'n', kind: 'pharmacy', counters: [] };
    const key = 'no-reference-key';
    const answer = await post(ingest, lines(heartbeat(), registration), { key });
    expect([answer.status, answer.body.detail]).toEqual([403, expect.stringContaining('record 1')]);
    const refused = (await world.rejected()).slice(before);
    expect(refused.map(({ reason, issues }) => [reason, issues[0]?.path])).toEqual([
      ['forbidden', ''],
      ['forbidden', 'event_type'],
    ]);
    expect((await post(ingest, lines(heartbeat()), { key })).body.accepted).toBe(1);
  });

  test('a body over 16 MiB: 413 that the sender gets to read, its beginning kept; one of 16 MiB is taken', async () => {
    const before = (await world.rejected()).length;
    const body = `${lines(settlement())}${' '.repeat(16 * 1024 * 1024)}`;
    const answer = await post(ingest, body);
    expect(answer.status).toBe(413);
    const [kept] = (await world.rejected()).slice(before);
    expect(kept).toMatchObject({ origin: null, reason: 'too_large' });
    expect(bytesOf(kept!)).toBe(body.slice(0, 64 * 1024));
    const whole = body.slice(0, 16 * 1024 * 1024);
    expect((await post(ingest, whole)).body.accepted).toBe(1);
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 32));
    expect((await post(ingest, bomb, { headers: { 'content-encoding': 'gzip' } })).status).toBe(413);
  });

  test('a body that is announced to be more than the door ever holds: 413 too', async () => {
    const headers = {
      authorization: 'Bearer everywhere-key',
      'content-type': 'application/x-ndjson',
      'content-length': 200 * 1024 * 1024,
    };
    const sending = httpRequest(`${ingest.url}/v1/events`, { method: 'POST', headers });
    sending.write(Buffer.alloc(17 * 1024 * 1024, 32));
    const [answer] = (await once(sending, 'response')) as [IncomingMessage];
    sending.destroy();
    expect(answer.statusCode).toBe(413);
  });

  test('a wrong type: 415, and broken gzip: 400; what came is kept whole', async () => {
    const before = (await world.rejected()).length;
    const packed = gzipSync(lines(settlement()));
    const [table, noise] = ['a,b\n'.repeat(4 * 1024 * 1024), randomBytes(1024 * 1024)];
    const sent: [body: string | Buffer<ArrayBuffer>, options: PostOptions, status: number][] = [
      ['a,b', { type: 'text/csv' }, 415],
      [table, { type: 'text/csv' }, 415],
      [noise, { headers: { 'content-encoding': 'br' } }, 415],
      ['no gzip', { headers: { 'content-encoding': 'gzip' } }, 400],
      [noise, { headers: { 'content-encoding': 'gzip' } }, 400],
      [Buffer.concat([gzipSync(noise).subarray(0, -4), noise]), { headers: { 'content-encoding': 'gzip' } }, 400],
      [packed.subarray(0, -4), { headers: { 'content-encoding': 'gzip' } }, 400],
    ];
    for (const [body, options, status] of sent) {
      const answer = await post(ingest, body, options);
      expect(answer.status).toBe(status);
      expect(answer.body.detail).toMatch(IN_BOTH_LANGUAGES);
    }
    const kept = (await world.rejected()).slice(before);
    expect(kept.map(({ origin, reason }) => [origin, reason])).toEqual(sent.map(() => [null, 'wrong_type']));
    for (const [i, [body]] of sent.entries())
      expect(Buffer.from(kept[i]!.bytes, 'base64').equals(Buffer.from(body)), `body ${i} is kept whole`).toBe(true);
  });

  test('another method: 405', async () => {
    expect((await fetch(`${ingest.url}/v1/events`)).status).toBe(405);
  });
});
