// Alerts of a made-up day in a city of eight districts, for pictures and for pages with thousands of rows. Seeded: the same every time.
import { createHash } from 'node:crypto';
import { type AlertRecord, isoShanghai } from '@yunjian/contracts';

const DISTRICTS: [string, string[]][] = [
  ['京口区', ['大市口街道', '四牌楼街道', '正东路街道', '健康路街道', '象山街道', '谏壁街道']],
  ['润州区', ['宝塔路街道', '和平路街道', '金山街道', '七里甸街道', '蒋乔街道']],
  ['丹徒区', ['高资街道', '宜城街道', '辛丰镇', '谷阳镇', '上党镇']],
  ['镇江新区', ['大港街道', '丁卯街道', '姚桥镇', '丁岗镇']],
  ['丹阳市', ['云阳街道', '曲阿街道', '司徒镇', '丹北镇', '访仙镇', '珥陵镇']],
  ['扬中市', ['三茅街道', '新坝镇', '油坊镇', '八桥镇']],
  ['句容市', ['华阳街道', '崇明街道', '黄梅街道', '下蜀镇', '白兔镇', '边城镇']],
  ['镇江高新区', ['蒋乔片区', '韦岗街道', '南徐片区']],
];

/** A generator of numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Kind {
  detector: string;
  weight: number;
  make: (
    draw: () => number,
    n: number,
  ) => Partial<AlertRecord> & Pick<AlertRecord, 'title' | 'facts' | 'level' | 'subject'>;
}

const settlement = (n: number) => ({ kind: 'settlement' as const, ref: `3211${String(20261123000000 + n * 37)}` });

const KINDS: Kind[] = [
  {
    detector: 'identity-check-missing',
    weight: 60,
    make(draw, n) {
      const amount = (18 + draw() ** 9 * 2400).toFixed(2);
      return {
        level: Number(amount) >= 1000 ? 1 : 2,
        subject: settlement(n),
        amount,
        title: { zh: '结算前后未见身份核验', en: 'Settled without an identity check' },
        facts: {
          person: createHash('sha256').update(`person ${n}`).digest('base64url').slice(0, 22),
          terminal: `T0${1 + Math.floor(draw() * 3)}`,
          by_agent: false,
          fund: amount,
          cameras: ['32110200001320000001'],
          checks_in_window: Math.floor(draw() * 3),
        },
        evidence: [
          { kind: 'settlement', ref: settlement(n).ref },
          {
            kind: 'clip',
            ref: '32110200001320000001',
            uri: `https://video.example/clips/${n}.mp4`,
            sha256: createHash('sha256').update(String(n)).digest('hex'),
          },
          { kind: 'rule', ref: 'identity-check-missing' },
        ],
      };
    },
  },
  {
    detector: 'verification-unavailable',
    weight: 18,
    make: (draw, n) => ({
      level: 3,
      subject: settlement(n),
      amount: (20 + draw() * 300).toFixed(2),
      title: { zh: '摄像机中断,无法核验身份', en: 'Camera silent: identity could not be verified' },
      facts: {
        cameras: ['32110200001320000001'],
        camera_state: [{ device: '32110200001320000001', cause: 'silent', from: isoShanghai(1795663200000), to: null }],
      },
    }),
  },
  {
    detector: 'trace-repeated',
    weight: 14,
    make(draw, n) {
      const suspicion = (['substitution', 'resold', 'counterfeit'] as const)[Math.floor(draw() ** 2 * 3)]!;
      const code = `8${String(1_000_000_000_000_000_000n + BigInt(n) * 7919n).slice(0, 19)}`;
      return {
        level: suspicion === 'counterfeit' ? 1 : suspicion === 'resold' ? 2 : 3,
        subject: { kind: 'code', ref: code },
        amount: (30 + draw() * 200).toFixed(2),
        title: { zh: '同一追溯码多次结算', en: 'One trace code settled more than once' },
        facts: {
          suspicion,
          times_sold: 2,
          span_seconds: 259_200,
          sales: [
            { institution: 'P32110200017', at: isoShanghai(1795404000000), settlement: settlement(n).ref, line: '1' },
            {
              institution: 'P32118100203',
              at: isoShanghai(1795663200000),
              settlement: settlement(n + 1).ref,
              line: '1',
            },
          ],
        },
        evidence: [
          { kind: 'trace', ref: code },
          { kind: 'settlement', ref: settlement(n).ref },
        ],
      };
    },
  },
  {
    detector: 'quarterly-spend',
    weight: 5,
    make(draw, n) {
      const tier = draw() < 0.4 ? 20 : 10;
      const scheduled = 2_000_000 + draw() * 9_000_000;
      const ratio = tier / 100 + draw() * 0.08 + 0.001;
      return {
        level: tier === 20 ? 2 : 3,
        subject: { kind: 'institution', ref: `H3211${String(n).padStart(7, '0')}/2026Q4` },
        amount: (scheduled * ratio).toFixed(2),
        title: { zh: `四季度支出超序时进度 ${tier}%`, en: `Quarterly spending over ${tier}% ahead of schedule` },
        facts: {
          tier,
          spend: (scheduled * (1 + ratio)).toFixed(2),
          scheduled: scheduled.toFixed(2),
          ratio_ahead: ratio,
          points_ahead: Number((ratio * 0.59).toFixed(4)),
          measures:
            tier === 20
              ? {
                  zh: '专项检查、暂停拨付、限期整改',
                  en: 'special inspection, suspension of payment, rectification within a time limit',
                }
              : { zh: '约谈提醒、暂缓支付', en: 'summons with a reminder, deferral of payment' },
        },
      };
    },
  },
  {
    detector: 'source-silent',
    weight: 3,
    make: (_draw, n) => ({
      level: 3,
      subject: { kind: 'device', ref: `3211020000132${String(n).padStart(7, '0')}` },
      amount: null,
      title: { zh: '摄像机 10 分钟无数据', en: 'Camera without data for 10 minutes' },
      facts: { source: 'device', silent_since: isoShanghai(1795663200000) },
    }),
  },
];

/** Institutions that the alerts may name: code and name. */
export function institutionNames(): [string, string][] {
  const chains = ['百姓缘大药房', '存仁堂药店', '恒泰药房', '天地人大药房', '康济药店', '同济大药房'];
  const districts = DISTRICTS.map(([name]) => name.replace(/(区|市)$/, ''));
  return Array.from({ length: 507 }, (_, i): [string, string][] => {
    const number = `3211${String(2000001 + i).padStart(7, '0')}`;
    const district = districts[i % districts.length]!;
    return [
      [`P${number}`, `${chains[i % chains.length]!}${district}第${1 + (i % 60)}店`],
      [`H${number}`, `${district}${i % 3 === 0 ? '人民医院' : i % 3 === 1 ? '中医院' : '社区卫生服务中心'}`],
    ];
  }).flat();
}

function drawn(at: number): Kind {
  let below = 0;
  for (const kind of KINDS) {
    below += kind.weight;
    if (at < below) return kind;
  }
  return KINDS[0]!;
}

/** @param now the alerts' event times lie in the 30 hours before it, ms */
export function cityAlerts(count: number, now: number, seed = 7): AlertRecord[] {
  const draw = random(seed);
  const alerts: AlertRecord[] = [];
  const total = KINDS.reduce((sum, kind) => sum + kind.weight, 0);
  for (let n = 0; n < count; n++) {
    const kind = drawn(draw() * total);
    const [district, townships] = DISTRICTS[Math.floor(draw() ** 1.5 * DISTRICTS.length)]!;
    const township = townships[Math.floor(draw() * townships.length)]!;
    const grid = ['镇江市', district, township, `网格${String(1 + Math.floor(draw() ** 2 * 4)).padStart(2, '0')}`];
    const hospital = kind.detector === 'quarterly-spend';
    const code = `${hospital ? 'H' : 'P'}3211${String(2000001 + Math.floor(draw() * 507)).padStart(7, '0')}`;
    const time = isoShanghai(now - Math.floor(draw() ** 1.4 * 30 * 3_600_000) - 1000);
    const made = kind.make(draw, n);
    const fate = draw();
    const acked = fate > 0.55;
    alerts.push({
      alert_id: `${kind.detector}:${createHash('sha1').update(`${seed} ${n}`).digest('base64url').slice(0, 22)}`,
      version: 1,
      detector: kind.detector,
      rule_version: '2026-11-01.4f2a',
      state: { raised: fate < 0.95, acked, shelved: fate > 0.5 && fate < 0.52, disposed: fate > 0.72 },
      fixmedins_code: code,
      grid,
      window: { start: time, end: time },
      event_time: time,
      detected_at: time,
      updated_at: time,
      amount: null,
      evidence: [],
      transition: acked ? { action: 'ack', by: '王芳', reason: '' } : { action: 'raise', by: 'system', reason: 'due' },
      ...made,
    });
  }
  return alerts.sort((a, b) => (a.event_time < b.event_time ? -1 : 1));
}
