// Languages of the page: every text, zh first, en complete.
import { en } from './texts/en.ts';
import { type Texts, zh } from './texts/zh.ts';
import type { Bilingual } from './wire.ts';

export type { Texts };
export type Language = 'zh' | 'en';

export const TEXTS: Record<Language, Texts> = { zh, en };

const KEPT_AS = 'yunjian.language';

/** The language that this browser was left in; Chinese at first. */
export function keptLanguage(): Language {
  return localStorage.getItem(KEPT_AS) === 'en' ? 'en' : 'zh';
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(KEPT_AS, language);
}

export function inLanguage(text: Bilingual, language: Language): string {
  return text[language] || text.zh || text.en;
}

/** Alerting words its refusals as `中文 / English`. */
export function halfInLanguage(message: string, language: Language): string {
  const [zhHalf, enHalf] = message.split(' / ');
  return enHalf === undefined ? message : language === 'zh' ? (zhHalf as string) : enHalf;
}
