// Which alert is open in full: chosen on the page, or named by the address that it was opened with.
import { useCallback, useEffect, useState } from 'preact/hooks';
import { dropNamedAlert, namedAlert } from '../address.ts';
import type { Board } from '../board.ts';
import type { WallHttp } from '../http.ts';
import { type Standing, useStanding } from './standing.ts';

export interface Opened extends Standing {
  /** The alert that is wanted, whether it is known yet or not; null when none is. */
  id: string | null;
  open: (alertId: string) => void;
  close: () => void;
}

export function useOpened(board: Board, http: WallHttp): Opened {
  const [id, setId] = useState<string | null>(namedAlert);
  const standing = useStanding(board, http, id);
  useEffect(() => {
    const onHash = () => {
      const named = namedAlert();
      if (named !== null) setId(named);
    };
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);
  const settled = id === null || standing.alert !== null;
  useEffect(() => {
    if (settled) dropNamedAlert();
  }, [id, settled]);
  return { ...standing, id, open: useCallback(setId, []), close: useCallback(() => setId(null), []) };
}
