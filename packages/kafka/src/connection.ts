// One way to reach the broker, and the one warning of the library that is no news.
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
export function connect(settings: KafkaSettings, { retries = 5, timeoutMs = REQUEST_TIMEOUT_MS } = {}): Kafka {
  return new Kafka({
    brokers: settings.brokers,
    clientId: settings.clientId,
    connectionTimeout: Math.min(CONNECTION_TIMEOUT_MS, timeoutMs),
    requestTimeout: timeoutMs,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries },
    logLevel: logLevel.NOTHING,
  });
}

/** kafkajs computes timeouts that lie in the past on recent Node versions; they fire at once, which is what it means. */
function silenceNegativeTimeouts(): void {
  const emit = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = ((warning: unknown, ...rest: unknown[]) => {
    const [second] = rest;
    const name =
      warning instanceof Error
        ? warning.name
        : typeof second === 'string'
          ? second
          : (second as { type?: string } | undefined)?.type;
    if (name !== 'TimeoutNegativeWarning') emit(warning, ...rest);
  }) as typeof process.emitWarning;
}
