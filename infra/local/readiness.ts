// Waiting until a service says that it is ready, and telling a person why it is not.
import { until } from './until.ts';

/** After how long, and then how often, a service that is not ready yet is spoken of. */
const PATIENCE_MS = 10_000;

/** Resolves when GET /readyz answers 200; a service that needs long is said with its own reasons. Aborts with `signal`. */
export async function readyWhen(
  name: string,
  url: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let answer = 'no answer yet';
  const reminder = setInterval(() => say(`  ${name} is not ready: ${answer}`), PATIENCE_MS);
  try {
    await until(
      async () => {
        try {
          const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
          answer = (await response.text()).trim().slice(0, 300);
          return response.ok;
        } catch {
          answer = 'no answer yet';
          return false;
        }
      },
      Number.POSITIVE_INFINITY,
      () => '',
      signal,
    );
  } finally {
    clearInterval(reminder);
  }
}
