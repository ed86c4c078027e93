// Where the city's institutions stand: districts with townships, after a prefecture-level city on the Yangtze; all names but the districts' are fictional.

export interface District {
  name: string;
  /** 6-digit division code. */
  code: string;
  lon: number;
  lat: number;
  /** Share of the city's institutions. */
  weight: number;
  townships: readonly string[];
}

export const CITY_NAME = '镇江市';
/** Division code of the city, the first 4 digits of every `mdtrtarea_admvs`. */
export const CITY_CODE = '321100';

export const DISTRICTS: readonly District[] = [
  d('京口区', '321102', 119.4697, 32.1982, 16, ['大市口街道', '四牌楼街道', '正东路街道', '健康路街道', '谏壁街道']),
  d('润州区', '321111', 119.4117, 32.1953, 13, ['金山街道', '宝塔路街道', '和平路街道', '七里甸街道', '官塘桥街道']),
  d('丹徒区', '321112', 119.4338, 32.1319, 12, ['高资街道', '宜城街道', '谷阳镇', '上党镇', '辛丰镇', '世业镇']),
  d('镇江新区', '321113', 119.6743, 32.1647, 10, ['大港街道', '丁岗街道', '大路镇', '姚桥镇', '丁卯街道']),
  d('丹阳市', '321181', 119.5819, 31.9911, 22, [
    '云阳街道',
    '曲阿街道',
    '司徒镇',
    '珥陵镇',
    '皇塘镇',
    '访仙镇',
    '界牌镇',
  ]),
  d('扬中市', '321182', 119.828, 32.2373, 9, ['三茅街道', '新坝镇', '油坊镇', '八桥镇']),
  d('句容市', '321183', 119.1671, 31.9473, 14, ['华阳街道', '崇明街道', '下蜀镇', '白兔镇', '郭庄镇', '宝华镇']),
  d('高新区', '321114', 119.372, 32.168, 4, ['蒋乔街道', '南山街道']),
];

function d(
  name: string,
  code: string,
  lon: number,
  lat: number,
  weight: number,
  townships: readonly string[],
): District {
  return { name, code, lon, lat, weight, townships };
}
