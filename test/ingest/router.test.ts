// The router on a real broker: where events go, what ticks and marks say, that it reads in step.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { FEEDS } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { watermarks } from '@yunjian/kafka';
import { afterEach, describe, expect, test } from 'vitest';
import { lanesAreComplete } from './expected.ts';
import { heartbeat, IngestWorld, lines, PARTITIONS, post, settlement } from './world.ts';

let world: IngestWorld;
afterEach(() => world.close());

describe('routing', () => {
  test('what is in clear stays in the raw topics; every event stands in its lanes with the broker’s arrival', async () => {
    world = await IngestWorld.open();
    const ingest = await world.start();
    const line = {
      feedetl_sn: '1',
      med_list_codg: 'XR',
      cnt: 1,
      pric: 35.5,
      det_item_fee_sumamt: 35.5,
      drug_trac_info: [{ drug_trac_codg: '81234567890123456789' }],
    };
    const person = {
      event_type: 'person_status',
      psn_no: 'PERSON-IN-CLEAR-1',
      status: 'active',
      effective_at: '2026-01-01',
    };
    await post(
      ingest,
      lines(
        settlement({ setl_id: 'S-A', msgid: 'M-A', feedetl: [line], psn_name: '张三丰' }),
        {
          ...settlement({ setl_id: 'S-B', orig_setl_id: 'S-A', medfee_sumamt: -35.5, fund_pay_sumamt: -30 }),
          event_type: 'settlement_reversal',
        },
        { ...heartbeat(), fixmedins_code: 'BUREAU', ...person },
      ),
    );
    await world.append('settlement', [null, '', Buffer.from([0xff]), '{"event_type":"tick"}']);
    await world.merged();
    expect(await lanesAreComplete(world)).toBe(0);
    const byLane = async (lane: 'institution' | 'person' | 'code') =>
      (await world.lane(lane)).taken.map(({ event }) => event.kind).sort();
    expect(await byLane('institution')).toEqual(['personStatus', 'personStatus', 'reversal', 'settlement']);
    expect(await byLane('person')).toEqual(['personStatus', 'reversal', 'settlement']);
    expect(await byLane('code')).toEqual(['codeReversal', 'codeSale', 'codeSettlement', 'codeSettlement']);
    const persons = (await world.lane('person')).taken;
    expect(new Set(persons.map(({ partition }) => partition)).size).toBe(1);
    for (const lane of ['institution', 'person', 'code'] as const)
      for (const { value, key } of await world.read(world.names.lane(lane)))
        expect(`${key} ${value}`).not.toMatch(/PERSON-IN-CLEAR|三丰/);
    const [raw] = (await world.read(world.names.raw('settlement'))).filter(({ value }) => value?.includes('S-A'));
    expect(persons.find(({ event }) => event.kind === 'settlement')?.event.arrival).toBe(raw?.timestamp);
    const rejected = await world.rejected();
    expect(rejected.map(({ reason, origin }) => [reason, origin?.topic])).toEqual(
      ['not_json', 'not_json', 'not_utf8', 'invalid'].map((reason) => [reason, world.names.raw('settlement')]),
    );
  });

  test('what others send compressed is read, by whichever codec', async () => {
    world = await IngestWorld.open();
    await world.start();
    const script = join(import.meta.dirname, 'compressing.process.ts');
    const [broker = ''] = world.settings.brokers;
    const value = JSON.stringify(settlement());
    const { status, stderr } = spawnSync(process.execPath, [script, broker, world.names.raw('settlement'), value]);
    expect([status, `${stderr}`]).toEqual([0, expect.not.stringContaining('Error')]);
    await world.merged();
    expect((await world.lane('person')).taken).toHaveLength(4 + 10_000);
    const [refused, ...others] = await world.rejected();
    expect([refused?.reason, Buffer.from(refused?.bytes ?? '', 'base64').length, others]).toEqual([
      'too_large',
      3 * 1024 * 1024,
      [],
    ]);
  });

  test('refuses topics that it cannot rest on', async () => {
    world = await IngestWorld.open({ replay: true });
    await expect(world.start({ YJ_REPLAY: '0' })).rejects.toThrow('ended with code 1');
    expect(world.lastLog()).toContain('expected LogAppendTime');
    await expect(world.start({ YJ_LANE_PARTITIONS: '3' })).rejects.toThrow('ended with code 1');
    expect(world.lastLog()).toContain('set YJ_LANE_PARTITIONS=2');
  });
});

describe('ticks and marks', () => {
  test('ticks move the arrival where nothing happens, and never the last event', async () => {
    world = await IngestWorld.open();
    const ingest = await world.start();
    await post(ingest, lines(settlement()));
    const entriesOf = async () =>
      (await world.lane('institution')).marks.filter(({ partition }) => partition === 0).map(({ mark }) => mark);
    await until(
      async () => (await entriesOf()).filter(({ entries }) => entries.length === FEEDS.length * PARTITIONS).length > 10,
      30_000,
      () => 'too few marks',
    );
    const marks = await entriesOf();
    const moved = (feed: string, of: 'arrival' | 'lastEvent') =>
      new Set(marks.flatMap(({ entries }) => entries.filter((e) => e.feed === feed).map((e) => e[of])));
    expect(moved('trace', 'arrival').size).toBeGreaterThan(2);
    expect([...moved('trace', 'lastEvent')]).toEqual([null]);
    expect([...moved('settlement', 'lastEvent')].filter((at) => at !== null)).toHaveLength(1);
    expect(marks.at(-1)?.partitions).toEqual(Object.fromEntries(FEEDS.map((feed) => [feed, PARTITIONS])));
  });

  test('a replay gets no ticks of ours, and reads in step by the archived arrivals', async () => {
    world = await IngestWorld.open({ replay: true });
    const start = Date.UTC(2025, 0, 1);
    const minute = 60_000;
    const at = (n: number) => new Date(start + n * minute).toISOString();
    const fill = (feed: 'settlement' | 'surveillance', make: (n: number) => object, minutes: number[]) =>
      world.producer.send(
        world.names.raw(feed),
        minutes.map((n) => ({ value: JSON.stringify(make(n)), partition: 0, timestamp: start + n * minute })),
      );
    const every = (step: number, count: number) => Array.from({ length: count }, (_, i) => i * step);
    await fill('surveillance', (n) => heartbeat({ event_time: at(n) }), every(1, 600));
    await fill('settlement', (n) => settlement({ event_time: at(n) }), every(10, 60));
    await world.start();
    const surveilled = async () =>
      Math.max(
        ...(await world.lane('institution')).taken
          .filter(({ event }) => event.kind === 'heartbeat')
          .map(({ event }) => event.arrival),
      );
    await until(
      async () => (await surveilled()) === start + 595 * minute,
      30_000,
      () => 'surveillance is not read up to 5 minutes behind the last settlement',
    );
    await world.producer.send(world.names.raw('settlement'), [
      { value: '{"event_type":"tick"}', headers: { 'yj-kind': 'tick' }, partition: 0, timestamp: start + 600 * minute },
    ]);
    await world.merged();
    expect(await lanesAreComplete(world)).toBe(0);
    const { taken } = await world.lane('institution');
    const reached = { settlement: start, surveillance: start };
    let widest = 0;
    for (const { event } of taken) {
      reached[event.origin.feed as 'settlement'] = event.arrival;
      widest = Math.max(widest, Math.abs(reached.surveillance - reached.settlement));
    }
    expect(taken).toHaveLength(660);
    expect(widest).toBeLessThanOrEqual(15 * minute);
    for (const feed of FEEDS)
      for (const { high, partition } of await watermarks(world.settings, world.names.raw(feed)))
        expect([feed, partition, high]).toEqual([
          feed,
          partition,
          partition > 0 ? 0 : { settlement: 61, surveillance: 600, trace: 0, reference: 0 }[feed],
        ]);
  });
});
