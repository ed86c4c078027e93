// Numbers, money, instants and ages as people read them. Instants are shown in Asia/Shanghai, the time of the records.
import type { Language, Texts } from './i18n.ts';

const ZONE = 'Asia/Shanghai';
const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const minute = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });

export function clockTime(ms: number): string {
  return clock.format(ms);
}

export function date(ms: number): string {
  return day.format(ms);
}

/** `HH:mm:ss` today, else with month and day before it. */
export function instant(iso: string, now: number): string {
  const at = Date.parse(iso);
  return day.format(at) === day.format(now) ? clock.format(at) : `${day.format(at).slice(5)} ${minute.format(at)}`;
}

export function fullInstant(iso: string): string {
  const at = Date.parse(iso);
  return `${day.format(at)} ${clock.format(at)}`;
}

/** Age in the largest whole unit that says enough: 12 s, 3 min, 5 h, 2 d. */
export function age(ms: number, texts: Texts): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s}${texts.ageUnits.s}`;
  if (s < 3600) return `${Math.floor(s / 60)}${texts.ageUnits.m}`;
  if (s < 48 * 3600) return `${Math.floor(s / 3600)}${texts.ageUnits.h}`;
  return `${Math.floor(s / 86_400)}${texts.ageUnits.d}`;
}

export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** Yuan text → `¥1,234.50`. */
export function money(yuan: string): string {
  return `¥${Number(yuan).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** Yuan text, short: `¥12.3万`, `¥2.51亿`, in English `¥12.3k`, `¥251M`. */
export function shortMoney(yuan: string, language: Language): string {
  const value = Number(yuan);
  const size = Math.abs(value);
  const short = (by: number, unit: string) => {
    const decimals = size / by < 10 ? 2 : size / by < 100 ? 1 : 0;
    return `¥${(value / by).toFixed(decimals)}${unit}`;
  };
  if (size < 1e4) return `¥${count(Math.round(value))}`;
  if (language === 'zh') return size >= 1e8 ? short(1e8, '亿') : short(1e4, '万');
  if (size >= 1e9) return short(1e9, 'B');
  return size >= 1e6 ? short(1e6, 'M') : short(1e3, 'k');
}

/** Yuan text as it fits into a row: to the fen, from a million on short. */
export function fittingMoney(yuan: string, language: Language): string {
  return Math.abs(Number(yuan)) < 1e6 ? money(yuan) : shortMoney(yuan, language);
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)}%`;
}
