import { describe, expect, it } from 'vitest';
import { fittingMoney, shortMoney } from '../format.ts';
import type { Period } from '../wire.ts';
import { amountOf } from './figures.tsx';

describe('amountOf', () => {
  it('leaves out what institutions spent in all, exactly', () => {
    const by = (detector: string, amount: string) => ({ detector, amount });
    const by_detector = [
      by('quarterly-spend', '214461472.55'),
      by('same-period-index', '58809707.54'),
      by('large-amount', '0.30'),
    ];
    expect(amountOf({ amount: '273271180.39', by_detector } as Period)).toBe('0.30');
    expect(amountOf({ amount: '0.00', by_detector: [] } as unknown as Period)).toBe('0.00');
  });
});

describe('money in a row', () => {
  it('is to the fen below a million, short from there on', () => {
    expect([fittingMoney('946108.23', 'zh'), fittingMoney('946108.23', 'en')]).toEqual(['¥946,108.23', '¥946,108.23']);
    expect([fittingMoney('214461472.55', 'zh'), fittingMoney('214461472.55', 'en')]).toEqual(['¥2.14亿', '¥214M']);
    expect([shortMoney('6525.4', 'zh'), shortMoney('21600', 'zh')]).toEqual(['¥6,525', '¥2.16万']);
    expect([shortMoney('2524000000', 'zh'), shortMoney('2524000000', 'en')]).toEqual(['¥25.2亿', '¥2.52B']);
  });
});
