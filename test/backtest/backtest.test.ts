// A history in the archive, as the archiver writes it: held against the rules that judged it live, a backtest says the same of every alert.
import type { ClickHouse } from '@yunjian/clickhouse';
import {
  createPseudonymiser,
  FEED_OF,
  type Feed,
  parseRawEvent,
  type RawEventType,
  toModel,
  type YunjianEvent,
} from '@yunjian/contracts';
import type { Rules } from '@yunjian/detection';
import type { Outcomes } from '@yunjian/infra/backtest/outcome.ts';
import { backtest } from '@yunjian/infra/backtest/run.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archived, judged } from './archived.ts';

const SHOP = 'P32110000001';
const CAMERA = '32110000001320000001';
const START = Date.parse('2026-11-20T10:00:00+08:00');
const MINUTE = 60_000;
const END = START + 60 * MINUTE;
const SALES = 12;
const pseudonymiser = createPseudonymiser('backtest');
const TODAY = { detectors: {} };

type Raw = { event_type: RawEventType; at: number } & Record<string, unknown>;

/** An hour at a counter with a camera: every second customer was checked, five minutes before; and a box that is sold twice. */
function history(): YunjianEvent[] {
  const raw: Raw[] = [
    {
      event_type: 'institution',
      at: START,
      name: '店',
      kind: 'pharmacy',
      counters: [{ dev_no: 'D1', device_id: CAMERA }],
    },
  ];
  for (let at = START; at < END; at += 20_000) raw.push({ event_type: 'heartbeat', at, device_id: CAMERA });
  for (let sale = 0; sale < SALES; sale++) {
    const at = START + (15 + 2 * sale) * MINUTE;
    const psn_no = `p${sale}`;
    raw.push(settlement(sale, at, psn_no));
    if (sale % 2 === 0)
      raw.push({
        event_type: 'identity_check',
        at: at - 5 * MINUTE,
        device_id: CAMERA,
        dev_no: 'D1',
        psn_no,
        result: 'passed',
        method: 'face',
        similarity: 0.98,
      });
  }
  raw.sort((a, b) => a.at - b.at);
  const offsets = new Map<Feed, number>();
  return raw.map(({ at, ...fields }, n) => {
    const feed = FEED_OF[fields.event_type];
    const offset = offsets.get(feed) ?? 0;
    offsets.set(feed, offset + 1);
    const arrival = at + 1_000;
    const event = {
      event_id: `e${n}`,
      source: 'test',
      event_time: new Date(at).toISOString(),
      fixmedins_code: SHOP,
      ...fields,
    };
    const parsed = parseRawEvent(Buffer.from(JSON.stringify(event)), { arrival, replay: false, feed });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed));
    return toModel(parsed.event, { arrival, origin: { feed, partition: 0, offset, index: 0 } }, pseudonymiser);
  });
}

function settlement(sale: number, at: number, psn_no: string): Raw {
  const drug_trac_codg = sale < 2 ? '81234567890123456789' : `8223456789012345678${sale % 10}`;
  return {
    event_type: 'settlement',
    at,
    setl_id: `S${sale}`,
    psn_no,
    mdtrt_cert_type: '02',
    med_type: '41',
    medfee_sumamt: 36.9,
    fund_pay_sumamt: 30.12,
    dev_no: 'D1',
    feedetl: [
      {
        feedetl_sn: '1',
        med_list_codg: 'XA02BCA049A001010100483',
        cnt: 1,
        pric: 36.9,
        det_item_fee_sumamt: 36.9,
        drug_trac_info: [{ drug_trac_codg }],
      },
    ],
  };
}

let clickhouse: ClickHouse;
let live: Outcomes;

beforeAll(async () => {
  const events = history();
  live = await judged(events, { start: START, end: END });
  clickhouse = await archived(events, pseudonymiser);
});

afterAll(() => clickhouse.close());

const held = (
  changes: { detector: 'identity-check-missing' | 'trace-repeated'; name: string; value: unknown }[],
  rules: Rules = TODAY,
) =>
  backtest(clickhouse, {
    from: START,
    to: END,
    changes,
    rules,
    examples: 20,
    lead: null,
    onProgress: () => undefined,
  });
const standingLive = (detector: string) =>
  [...live.byId.values()]
    .filter(({ finding, stands }) => stands && finding.detector === detector)
    .map(({ finding }) => finding.alert_id)
    .sort();

describe('what was archived', () => {
  test('gives the alerts that it gave live, by their ids', async () => {
    expect(standingLive('identity-check-missing')).toHaveLength(SALES / 2);
    expect(standingLive('trace-repeated')).toHaveLength(1);
    // Switched off, all that stands is lost, and the examples name every one.
    const { detectors, defects } = await held([{ detector: 'identity-check-missing', name: 'enabled', value: false }]);
    expect(defects).toBe(0);
    const { today, lost, examples } = detectors['identity-check-missing'] ?? {};
    expect(today?.stands).toBe(SALES / 2);
    expect(lost).toBe(SALES / 2);
    expect(examples?.lost.map(({ alert_id }) => alert_id).sort()).toEqual(standingLive('identity-check-missing'));
    const boxes = await held([{ detector: 'trace-repeated', name: 'enabled', value: false }]);
    expect(boxes.detectors['trace-repeated']?.examples.lost.map(({ alert_id }) => alert_id)).toEqual(
      standingLive('trace-repeated'),
    );
  });

  test('under the same parameters gains and loses nothing', async () => {
    const { detectors } = await held([{ detector: 'identity-check-missing', name: 'before', value: 600 }]);
    expect(detectors['identity-check-missing']).toMatchObject({ gained: 0, lost: 0, same: SALES / 2, relevelled: 0 });
  });

  test('gains an alert for every check that a shorter window no longer holds', async () => {
    const { detectors } = await held([{ detector: 'identity-check-missing', name: 'before', value: 240 }]);
    const { gained, lost, same, examples } = detectors['identity-check-missing'] ?? {};
    expect([gained, lost, same]).toEqual([SALES / 2, 0, SALES / 2]);
    expect(examples?.gained.map(({ subject }) => subject)).toEqual(
      Array.from({ length: SALES / 2 }, (_, i) => `settlement S${2 * i}`),
    );
  });

  test('loses the same alerts when a short window of today is to be longer again', async () => {
    const short = { detectors: { 'identity-check-missing': { params: { before: 240 } } } };
    const { detectors } = await held([{ detector: 'identity-check-missing', name: 'before', value: 600 }], short);
    const { gained, lost, same, examples } = detectors['identity-check-missing'] ?? {};
    expect([gained, lost, same]).toEqual([0, SALES / 2, SALES / 2]);
    expect(examples?.lost.map(({ subject }) => subject)).toEqual(
      Array.from({ length: SALES / 2 }, (_, i) => `settlement S${2 * i}`),
    );
  });

  test('of another time is said not to be there', async () => {
    const options = {
      from: START - 400 * 86_400_000,
      to: START - 399 * 86_400_000,
      rules: TODAY,
      examples: 1,
      lead: null,
    };
    const changes = [{ detector: 'identity-check-missing' as const, name: 'before', value: 60 }];
    await expect(backtest(clickhouse, { ...options, changes, onProgress: () => undefined })).rejects.toThrow(
      'The archive holds no event',
    );
  });
});
