// What alerts are read with: what their detectors mean, and institutions' names. Both may be away for a while, and names grow.
import { useEffect, useState } from 'preact/hooks';
import type { Board } from '../board.ts';
import type { WallHttp } from '../http.ts';
import type { DetectorText } from '../wire.ts';

/** So often it is looked whether something is missing. */
const LOOK_MS = 10_000;

/** Keeps the board's names up to date from the first greeting on. @returns what detectors mean, empty until it is known */
export function useLore(board: Board, http: WallHttp): readonly DetectorText[] {
  const [meanings, setMeanings] = useState<readonly DetectorText[]>([]);
  const greeted = board.operator !== null;
  useEffect(() => {
    if (!greeted) return;
    let meant = false;
    const look = async () => {
      if (!meant) {
        const loaded = await http.catalogue();
        if (loaded !== null) setMeanings(loaded);
        meant = loaded !== null;
      }
      if (isNamed(board)) return;
      // An archive that is away names nobody: what is known stays.
      const names = await http.institutions();
      if (names !== null) board.set({ names: { ...board.names, ...names } });
    };
    void look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [greeted, http, board]);
  return meanings;
}

function isNamed({ alerts, names }: Board): boolean {
  if (Object.keys(names).length === 0) return false;
  for (const { fixmedins_code: code } of alerts.values()) if (code !== null && names[code] === undefined) return false;
  return true;
}
