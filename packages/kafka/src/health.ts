// Whether the broker answers: known once per process and cluster, and said once per outage, whichever client notices first.
import type { Admin } from 'kafkajs';
import { connect, type KafkaSettings } from './connection.ts';

interface Health {
  /** Why it does not answer; null while it does. */
  reason: string | null;
  probing: Admin | null;
}

const PROBE_TIMEOUT_MS = 3_000;
const known = new Map<string, Health>();

function healthOf(settings: KafkaSettings): Health {
  const key = settings.brokers.join(',');
  let health = known.get(key);
  if (health === undefined) {
    health = { reason: null, probing: null };
    known.set(key, health);
  }
  return health;
}

export function isAnswering(settings: KafkaSettings): boolean {
  return healthOf(settings).reason === null;
}

export function noteAnswer(settings: KafkaSettings): void {
  const health = healthOf(settings);
  if (health.reason !== null) settings.logger?.info({}, 'kafka answers again');
  health.reason = null;
}

export function noteOutage(settings: KafkaSettings, error: unknown): void {
  const health = healthOf(settings);
  const reason = error instanceof Error ? error.message : String(error);
  if (health.reason === null)
    settings.logger?.warn({ brokers: settings.brokers, reason }, 'kafka does not answer, waiting');
  health.reason = reason;
}

/**
 * The broker as a service's dependency: each check asks it for its cluster, at most 3 s long. The outage is logged here, once, which
 * `said` tells the asker.
 */
export function kafkaDependency(settings: KafkaSettings): {
  name: string;
  check(): Promise<{ ok: boolean; reason?: string; said: boolean }>;
} {
  return {
    name: 'kafka',
    check: async () => {
      const error = await probe(settings);
      if (error === null) {
        noteAnswer(settings);
        return { ok: true, said: true };
      }
      noteOutage(settings, error);
      return { ok: false, reason: error.message, said: true };
    },
  };
}

async function probe(settings: KafkaSettings): Promise<Error | null> {
  const health = healthOf(settings);
  const admin = health.probing ?? connect(settings, { retries: 0, timeoutMs: PROBE_TIMEOUT_MS }).admin();
  health.probing = admin;
  try {
    await admin.connect();
    await admin.describeCluster();
    return null;
  } catch (error) {
    if (health.probing === admin) health.probing = null;
    void admin.disconnect().catch(() => {});
    return error as Error;
  }
}

/** Ends the connection that probes, so that a process can exit. */
export async function closeProbe(settings: KafkaSettings): Promise<void> {
  const health = healthOf(settings);
  const admin = health.probing;
  health.probing = null;
  await admin?.disconnect().catch(() => {});
}
