// The load: waves of a small town's documents, each sent until a door has taken it, and every event id that was answered for.
import { setTimeout as sleep } from 'node:timers/promises';
import { BEAT_MS, townLoad } from '../chain/load.ts';

/** Settlements of a wave; with checks, reversals and repeats it holds about twice as many events. */
const SETTLEMENTS = 40;
const WAVE_EVERY_MS = 2_000;
const BACK_MS = 45 * 60_000;
const ANSWER_MS = 15_000;
const AGAIN_MS = 250;

export interface Sender {
  /** Ids of events that a 202 has answered for. */
  accepted: Set<string>;
  /** Requests that were refused or not answered, and sent again. */
  repeated(): number;
  waves(): number;
  /** Ends after the wave under way has been taken. */
  close(): Promise<void>;
}

/** @param doors base addresses, asked anew for each request: a door that is away is left for the next */
export function startSender(seed: number, doors: () => string[]): Sender {
  const accepted = new Set<string>();
  let [repeated, waves, closed, turn] = [0, 0, false, 0];

  const deliver = async (lines: readonly string[]): Promise<void> => {
    for (;;) {
      const all = doors();
      const door = all[turn++ % all.length] as string;
      const response = await fetch(`${door}/v1/events`, {
        method: 'POST',
        headers: { authorization: 'Bearer development', 'content-type': 'application/x-ndjson' },
        body: lines.join('\n'),
        signal: AbortSignal.timeout(ANSWER_MS),
      }).catch(() => null);
      if (response?.status === 202) {
        const { rejected } = (await response.json()) as { rejected: { index: number }[] };
        const refused = new Set(rejected.map(({ index }) => index));
        lines.forEach((line, i) => {
          if (!refused.has(i)) accepted.add((JSON.parse(line) as { event_id: string }).event_id);
        });
        return;
      }
      repeated++;
      await sleep(AGAIN_MS);
    }
  };

  const run = async () => {
    let livedUntil = Date.now() - BACK_MS;
    while (!closed) {
      const began = Date.now();
      const number = ++waves;
      const { reference, lines } = townLoad(seed + number, began, SETTLEMENTS, { number, livedUntil });
      livedUntil += Math.floor((began - livedUntil) / BEAT_MS) * BEAT_MS;
      if (number === 1) await deliver(reference);
      await deliver(lines);
      await sleep(Math.max(0, WAVE_EVERY_MS - (Date.now() - began)));
    }
  };
  const running = run();
  return {
    accepted,
    repeated: () => repeated,
    waves: () => waves,
    async close() {
      closed = true;
      await running;
    },
  };
}
