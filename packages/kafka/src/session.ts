// The fence: an offset commit that can only be made in the generation it belongs to. The library's own commit repeats itself, also after
// the group was joined anew, and would then move a pointer that another member owns by now.
import { isPassing, pauseBeforeRetry } from './faults.ts';

/** This member does not hold the partition, as far as it knows. */
export class NotOwner extends Error {
  override name = 'NotOwner';
}

/** One attempt, in the generation the group has when it is called. */
export type CommitOnce = (offsets: {
  topics: { topic: string; partitions: { partition: number; offset: string; metadata: string | null }[] }[];
}) => Promise<void>;

/** Between one join and the next. */
export class Session {
  #over = false;
  #commitOnce: CommitOnce | null = null;
  #waiting: (() => void)[] = [];

  /** The library gives the single-attempt commit with a batch only. */
  provide(commitOnce: CommitOnce): void {
    if (this.#commitOnce !== null) return;
    this.#commitOnce = commitOnce;
    for (const go of this.#waiting.splice(0)) go();
  }

  end(): void {
    this.#over = true;
    for (const go of this.#waiting.splice(0)) go();
  }

  /**
   * @param limitMs how long to wait for a first batch of this session, and for a coordinator that is away.
   * @throws NotOwner when `holds` is false or the session ends meanwhile, else what the coordinator said.
   */
  async commit(
    partition: number,
    offsets: readonly { topic: string; offset: number; note: string }[],
    holds: () => boolean,
    limitMs: number,
  ): Promise<void> {
    const topics = offsets.map(({ topic, offset, note }) => ({
      topic,
      partitions: [{ partition, offset: String(offset), metadata: note || null }],
    }));
    const until = performance.now() + limitMs;
    if (this.#commitOnce === null) await this.#firstBatch(limitMs);
    for (let attempt = 0; ; attempt++) {
      const commitOnce = this.#commitOnce;
      if (this.#over || commitOnce === null || !holds())
        throw new NotOwner(
          `${offsets.map(({ topic, offset }) => `${topic}/${partition}: offset ${offset}`).join(', ')} not committed, the partition is not held any more`,
        );
      try {
        await commitOnce({ topics });
        return;
      } catch (error) {
        if (!isPassing(error) || performance.now() > until) throw error;
        await pauseBeforeRetry(attempt);
      }
    }
  }

  #firstBatch(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
