// What an endpoint asks of the archive: an archive that does not answer is the caller's to ask again, and ours to tell.
import { ProblemError } from './problem.ts';

/**
 * @param onUnavailable ClickHouse has not answered
 * @throws ProblemError 503 in the place of whatever the archive threw
 */
export async function archived<T>(answer: Promise<T>, onUnavailable: (error: Error) => void): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    onUnavailable(error as Error);
    throw new ProblemError({
      status: 503,
      title: 'Service Unavailable',
      detail: '归档暂不可用,请稍后再试 / the archive does not answer: ask again later',
      headers: { 'retry-after': '2' },
    });
  }
}
