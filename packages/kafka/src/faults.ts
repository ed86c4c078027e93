// Which failures pass by waiting, and how long to wait.
import kafkajs from 'kafkajs';

// Node finds no named exports for these in the CommonJS module.
const {
  KafkaJSError,
  KafkaJSNonRetriableError,
  KafkaJSProtocolError,
  KafkaJSTimeout,
  KafkaJSGroupCoordinatorNotFound,
} = kafkajs;

/** The library was content without an answer for some of the partitions: it leaves out, without a word, one that its metadata does not name. */
export class Unanswered extends KafkaJSError {
  override name = 'Unanswered';

  /** @param partitions as topic/partition */
  constructor(partitions: string[]) {
    super(`expected an answer for each partition, got none for ${partitions.join(', ')}`);
  }
}

/** Whether waiting may help: the broker was not reached, is starting, or has not elected a leader yet. */
export function isPassing(error: unknown): boolean {
  if (error instanceof KafkaJSProtocolError) return error.retriable;
  if (error instanceof KafkaJSTimeout || error instanceof KafkaJSGroupCoordinatorNotFound) return true;
  if (error instanceof KafkaJSNonRetriableError) return error.cause instanceof Error && isPassing(error.cause);
  return error instanceof KafkaJSError || isSystemError(error);
}

/** Whether the broker could not be reached at all, as against an answer that says no. */
export function isUnreachable(error: unknown): boolean {
  const cause = error instanceof KafkaJSNonRetriableError && error.cause instanceof Error ? error.cause : error;
  return !(cause instanceof KafkaJSProtocolError) && !(cause instanceof Unanswered) && isPassing(cause);
}

/** The coordinator no longer counts the member in: another one may hold its partitions by now. */
export function isExpelled(error: unknown): boolean {
  const type = (error as { type?: string } | null)?.type;
  return type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION' || type === 'FENCED_INSTANCE_ID';
}

/** Waits between tries of an infrastructure call: 100 ms, doubling, 5 s at most. */
export function pauseBeforeRetry(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMs(attempt)));
}

/** @returns ms: 100, doubling with each attempt (counted from 0), 5,000 at most. */
export function pauseMs(attempt: number): number {
  return Math.min(5_000, 100 * 2 ** Math.min(attempt, 10));
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
