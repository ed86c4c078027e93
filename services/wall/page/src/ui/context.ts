// Language, ticking time and the board, for every component.
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Board } from '../board.ts';
import { type Language, TEXTS, type Texts } from '../i18n.ts';

export interface Surroundings {
  language: Language;
  texts: Texts;
  /** Server time, ms, ticking once a second. */
  now: number;
  /** ms by which what is on the screen is old; 0 while everything is fresh. */
  staleMs: number;
  /** A whole picture has been here; before it no number is shown. */
  known: boolean;
  /** Institutions' names by code. */
  names: Record<string, string>;
  /** ms for which sums have not been complete: a source is silent, or the figures do not come; 0 while all is well. */
  partialMs: number;
}

/** Before there is a board. */
export const NOWHERE: Surroundings = {
  language: 'zh',
  texts: TEXTS.zh,
  now: 0,
  staleMs: 0,
  partialMs: 0,
  known: false,
  names: {},
};

export const Around = createContext<Surroundings>(NOWHERE);

export function useAround(): Surroundings {
  return useContext(Around);
}

/** Renders again whenever the board has changed. */
export function useBoard(board: Board): number {
  const [version, setVersion] = useState(0);
  useEffect(() => board.listen(() => setVersion((v) => v + 1)), [board]);
  return version;
}

/** Local time, ms, once a second. */
export function useTick(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** What stands where there is nothing to list. @param none said only when it is known that there is none */
export function useEmpty(none: string, sums = false): string {
  const { texts, known, staleMs, partialMs } = useAround();
  if (!known) return texts.loading;
  return staleMs > 0 || (sums && partialMs > 0) ? texts.emptyStale : none;
}
