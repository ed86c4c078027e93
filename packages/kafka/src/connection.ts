// One way to reach the broker: settings, the library's own log lines turned into ours, and the one warning that is no news.
import { Kafka, logLevel } from 'kafkajs';

export interface KafkaLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface KafkaSettings {
  /** host:port of each bootstrap broker. */
  brokers: string[];
  clientId: string;
  logger?: KafkaLogger;
}

const CONNECTION_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;

silenceNegativeTimeouts();

/** A client of its own; every consumer gets one (kafkajs shares a broker's connection between the users of one instance). */
export function connect(settings: KafkaSettings, retries = 5): Kafka {
  return new Kafka({
    brokers: settings.brokers,
    clientId: settings.clientId,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries },
    logLevel: logLevel.NOTHING,
  });
}

/** kafkajs computes timeouts that lie in the past on recent Node versions; they fire at once, which is what it means. */
function silenceNegativeTimeouts(): void {
  const emit = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = ((warning: unknown, ...rest: unknown[]) => {
    const name =
      warning instanceof Error
        ? warning.name
        : typeof rest[0] === 'string'
          ? rest[0]
          : (rest[0] as { type?: string } | undefined)?.type;
    if (name !== 'TimeoutNegativeWarning') emit(warning, ...rest);
  }) as typeof process.emitWarning;
}

/** Waits between tries of an infrastructure call: 100 ms, doubling, 5 s at most. */
export async function pauseBeforeRetry(attempt: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 100 * 2 ** Math.min(attempt, 10))));
}
