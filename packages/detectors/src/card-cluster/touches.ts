// What is to be weighed again at a counter: stretches of time that records reached into since the last mark.

/** Settlements with from ≤ at ≤ to, ms; arrival of the record that touched their minutes, null where a camera's life may have changed. */
export type Touch = [from: number, to: number, arrival: number | null];

/** Touches that overlap as one stretch, with those that it is of. */
export function stretches(touches: readonly Touch[]): [from: number, to: number, touches: Touch[]][] {
  const all: [number, number, Touch[]][] = [];
  for (const touch of touches.toSorted(([a], [b]) => a - b)) {
    const [from, to] = touch;
    const last = all.at(-1);
    if (last === undefined || from > last[1]) all.push([from, to, [touch]]);
    else {
      last[1] = Math.max(last[1], to);
      last[2].push(touch);
    }
  }
  return all;
}

/** What touched a settlement of that time: the latest arrival, ms, and whether a camera's life did. */
export function meets(touches: readonly Touch[], at: number): { arrival: number | null; ofCamera: boolean } {
  let latest: number | null = null;
  let ofCamera = false;
  for (const [from, to, arrival] of touches) {
    if (at < from || at > to) continue;
    if (arrival === null) ofCamera = true;
    else latest = Math.max(latest ?? arrival, arrival);
  }
  return { arrival: latest, ofCamera };
}
