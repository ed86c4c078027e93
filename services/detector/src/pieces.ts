// A batch in pieces: between them others get the loop, since a member that sends no heartbeat for a session is expelled.
import { setImmediate as others } from 'node:timers/promises';

const RECORDS_AT_ONCE = 50;

/** Hands records over in order, piece by piece, for as long as `goesOn` says so. Resolves when they are taken or nobody wants the rest. */
export async function inPieces<T>(
  records: readonly T[],
  goesOn: () => boolean,
  take: (piece: readonly T[]) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < records.length; from += RECORDS_AT_ONCE) {
    if (from > 0) await others();
    if (!goesOn()) return;
    await take(records.slice(from, from + RECORDS_AT_ONCE));
  }
}
