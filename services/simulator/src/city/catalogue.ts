// The drug catalogue: national codes, names, prices, packs and the trace-code prefixes of each packaging level. Codes are fictional but well formed.
import { concern, mix } from './random.ts';

export interface Drug {
  index: number;
  /** `^X[A-Z]\d\d[A-Z]{2}[A-Z]\d{3}[A-Z]\d{3}\d{9}$` (domain: national interface). */
  code: string;
  name: string;
  /** fen a box */
  price: number;
  prescription: boolean;
  /** Smallest units in a box. */
  packSize: number;
  /** Days a single line may supply; null: the general limits. */
  maxDays: number | null;
  chronic: boolean;
  /** 7-digit drug identification codes of levels 1 (box), 2 (carton), 3 (case). */
  prefixes: readonly [string, string, string];
  /** Identification code of a box in renewed packaging, which is sold beside the old one; null: never renewed. */
  renewed: string | null;
}

type Row = [atc: string, name: string, yuan: number, rx: 0 | 1, pack: number, chronic?: 1];

const ROWS: readonly Row[] = [
  ['R05CB', '盐酸氨溴索口服溶液', 18.5, 0, 10],
  ['N02BE', '对乙酰氨基酚片', 9.8, 0, 12],
  ['M01AE', '布洛芬缓释胶囊', 16.9, 0, 20],
  ['R06AX', '氯雷他定片', 14.6, 0, 12],
  ['A02BC', '奥美拉唑肠溶胶囊', 21.4, 0, 14],
  ['A07BC', '蒙脱石散', 19.8, 0, 10],
  ['A03FA', '多潘立酮片', 17.6, 0, 30],
  ['D01AC', '硝酸咪康唑乳膏', 15.2, 0, 1],
  ['S01XA', '玻璃酸钠滴眼液', 29.9, 0, 1],
  ['A11GA', '维生素C片', 6.5, 0, 100],
  ['R05DA', '复方甘草片', 8.9, 0, 100],
  ['A09AA', '复方消化酶胶囊', 24.8, 0, 20],
  ['M02AA', '双氯芬酸二乙胺乳胶剂', 22.3, 0, 1],
  ['R01AD', '糠酸莫米松鼻喷雾剂', 45.6, 0, 1],
  ['A06AD', '乳果糖口服溶液', 33.2, 0, 6],
  ['V03AX', '连花清瘟胶囊', 14.8, 0, 24],
  ['V03AB', '板蓝根颗粒', 12.5, 0, 20],
  ['V03AC', '藿香正气口服液', 13.9, 0, 10],
  ['V03AD', '蒲地蓝消炎口服液', 34.5, 0, 10],
  ['V03AE', '复方丹参滴丸', 27.8, 0, 180],
  ['J01CA', '阿莫西林胶囊', 12.9, 1, 24],
  ['J01DC', '头孢呋辛酯片', 28.7, 1, 12],
  ['J01FA', '阿奇霉素分散片', 23.6, 1, 6],
  ['J01MA', '左氧氟沙星片', 19.4, 1, 10],
  ['J01DB', '头孢拉定胶囊', 11.7, 1, 24],
  ['R03DC', '孟鲁司特钠片', 38.2, 1, 5],
  ['R03AC', '沙丁胺醇吸入气雾剂', 24.5, 1, 1],
  ['H02AB', '醋酸泼尼松片', 7.9, 1, 100],
  ['A02BB', '雷贝拉唑钠肠溶片', 31.8, 1, 7],
  ['M01AH', '塞来昔布胶囊', 36.4, 1, 6],
  ['N05CF', '右佐匹克隆片', 42.6, 1, 7],
  ['M03BX', '乙哌立松片', 26.9, 1, 20],
  ['J05AH', '磷酸奥司他韦胶囊', 49.5, 1, 10],
  ['G04CA', '盐酸坦索罗辛缓释胶囊', 39.8, 1, 10],
  ['N07CA', '甲磺酸倍他司汀片', 18.3, 1, 30],
  ['R06AE', '盐酸西替利嗪片', 13.3, 1, 12],
  ['D07AC', '丙酸氯倍他索乳膏', 9.6, 1, 1],
  ['C08CA', '苯磺酸氨氯地平片', 28.6, 1, 28, 1],
  ['C09CA', '缬沙坦胶囊', 32.4, 1, 28, 1],
  ['C07AB', '琥珀酸美托洛尔缓释片', 26.7, 1, 28, 1],
  ['C10AA', '阿托伐他汀钙片', 35.9, 1, 28, 1],
  ['B01AC', '阿司匹林肠溶片', 15.8, 1, 30, 1],
  ['A10BA', '盐酸二甲双胍缓释片', 24.2, 1, 60, 1],
  ['A10BB', '格列美脲片', 29.5, 1, 60, 1],
  ['A10BF', '阿卡波糖片', 37.6, 1, 60, 1],
  ['B01AD', '硫酸氢氯吡格雷片', 44.8, 1, 28, 1],
];

const CODES = concern('drug codes');
/** So many drugs to one whose maker renewed the packaging. */
const RENEWED_EVERY = 4;

export const CATALOGUE: readonly Drug[] = ROWS.map(([atc, name, yuan, rx, packSize, chronic], index) => ({
  index,
  code: nationalCode(atc, index),
  name,
  price: Math.round(yuan * 100),
  prescription: rx === 1,
  packSize,
  maxDays: name === '右佐匹克隆片' ? 7 : null,
  chronic: chronic === 1,
  prefixes: [1, 2, 3].map((level) => `8${level}${String(10_000 + index * 37).padStart(5, '0')}`) as [
    string,
    string,
    string,
  ],
  renewed: index % RENEWED_EVERY === 0 ? `81${50_000 + index * 37}` : null,
}));

/** Ordinary drugs are prescribed in turn by steps of `ORDINARY_STEP`; their number and the step have no common divisor. */
export const ORDINARY: readonly Drug[] = CATALOGUE.filter(({ chronic }) => !chronic);
export const CHRONIC: readonly Drug[] = CATALOGUE.filter(({ chronic }) => chronic);
export const WITHOUT_PRESCRIPTION: readonly Drug[] = ORDINARY.filter(({ prescription }) => !prescription);

function nationalCode(atc: string, index: number): string {
  const digits = (salt: number, count: number) => String(mix(CODES, index, salt) % 10 ** count).padStart(count, '0');
  return `X${atc}A${digits(1, 3)}A${digits(2, 3)}${digits(3, 9)}`;
}
