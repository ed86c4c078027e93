// An alert as it now stands, wherever it is: on the board, or off it and read from the wall.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Board } from '../board.ts';
import type { Asked, WallHttp } from '../http.ts';
import type { Alert } from '../wire.ts';

/** So soon it is asked again where the wall could not say. */
const AGAIN_MS = 3000;

export interface Standing {
  /** The newest version that is known; null while none is. */
  alert: Alert | null;
  /** It is no longer on the board. */
  gone: boolean;
  /** Why nothing is known. */
  failure: Asked<Alert>['failure'];
  /** Takes a version that came another way. */
  learn: (alert: Alert) => void;
}

/** @param id null for none; the caller renders again whenever the board has changed */
export function useStanding(board: Board, http: WallHttp, id: string | null): Standing {
  const [read, setRead] = useState<Alert | null>(null);
  const [failure, setFailure] = useState<Standing['failure']>(null);
  const seen = useRef<Alert | null>(null);
  const onBoard = id === null ? undefined : board.alerts.get(id);
  if (onBoard !== undefined) seen.current = onBoard;
  const away = id !== null && onBoard === undefined;
  const { known } = board;

  useEffect(() => {
    setFailure(null);
    if (!away) return;
    let timer: ReturnType<typeof setTimeout>;
    let wanted = true;
    const ask = async () => {
      const { found, failure: why } = await http.alert(id);
      if (!wanted) return;
      if (found !== null) setRead(found.alert);
      setFailure(why);
      if (why === 'unavailable') timer = setTimeout(ask, AGAIN_MS);
    };
    void ask();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
    // What was read before the board was known may have changed before the board would have told of it.
  }, [id, away, known, http]);

  const alert = newest([onBoard, seen.current, read], id);
  return {
    alert,
    gone: away && known,
    failure: alert === null ? failure : null,
    learn: (version) => setRead((was) => newest([version, was], version.alert_id)),
  };
}

function newest(versions: readonly (Alert | null | undefined)[], id: string | null): Alert | null {
  let found: Alert | null = null;
  for (const each of versions)
    if (each != null && each.alert_id === id && each.version > (found?.version ?? 0)) found = each;
  return found;
}
