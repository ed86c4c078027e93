// Calls that come together are made together: the partitions of one fetch cost one insert and one query instead of one each.

/**
 * @param everyMs rounds begin at least this far apart
 * @param act answers items in their order; when it fails, so does every call of that round.
 * @returns what makes one call; calls made in the same turn of the event loop, or while a round is under way, share the next round.
 */
export function gathering<I, O>(act: (items: I[]) => Promise<O[]>, everyMs = 0): (item: I) => Promise<O> {
  interface Call {
    item: I;
    resolve: (answer: O) => void;
    reject: (error: unknown) => void;
  }
  let waiting: Call[] = [];
  let busy = false;
  let begun = Number.NEGATIVE_INFINITY;

  const round = async (): Promise<void> => {
    begun = performance.now();
    const calls = waiting;
    waiting = [];
    try {
      const answers = await act(calls.map(({ item }) => item));
      for (const [i, { resolve }] of calls.entries()) resolve(answers[i] as O);
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
    busy = false;
    if (waiting.length > 0) begin();
  };
  const begin = (): void => {
    busy = true;
    const rest = begun + everyMs - performance.now();
    if (rest > 0) setTimeout(() => void round(), rest);
    else setImmediate(() => void round());
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!busy) begin();
    });
}
