// Whether the broker answers: known once per process and cluster, and said once per outage, whichever client notices first.
import type { Admin } from 'kafkajs';
import { connect, type KafkaSettings } from './connection.ts';

interface Health {
  /** Why it does not answer; null while it does. */
  reason: string | null;
  probing: Admin | null;
  /** Somebody failed, and the broker is being asked whether it is gone. */
  suspected: boolean;
  /** Answers so far. */
  answers: number;
}

const PROBE_TIMEOUT_MS = 3_000;
const known = new Map<string, Health>();

function healthOf(settings: KafkaSettings): Health {
  const key = settings.brokers.join(',');
  let health = known.get(key);
  if (health === undefined) {
    health = { reason: null, probing: null, suspected: false, answers: 0 };
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
  health.answers++;
}

/**
 * A client could not reach the broker. That may be old news, told late by a busy process after others have had their answers: the broker is
 * asked before an outage is said.
 */
export function noteOutage(settings: KafkaSettings, error: unknown): void {
  const health = healthOf(settings);
  if (health.reason !== null) health.reason = reasonOf(error);
  else if (!health.suspected) {
    health.suspected = true;
    const { answers } = health;
    void askAnew(settings).then((refused) => {
      health.suspected = false;
      if (refused !== null && health.answers === answers) say(settings, refused);
    });
  }
}

function say(settings: KafkaSettings, error: unknown): void {
  const health = healthOf(settings);
  const reason = reasonOf(error);
  if (health.reason === null)
    settings.logger?.warn({ brokers: settings.brokers, reason }, 'kafka does not answer, waiting');
  health.reason = reason;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

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
      say(settings, error);
      return { ok: false, reason: error.message, said: true };
    },
  };
}

/** Over a connection of its own, which is gone afterwards. */
async function askAnew(settings: KafkaSettings): Promise<Error | null> {
  const admin = prober(settings);
  const refused = await refusal(admin);
  void admin.disconnect().catch(() => {});
  return refused;
}

async function probe(settings: KafkaSettings): Promise<Error | null> {
  const health = healthOf(settings);
  const admin = health.probing ?? prober(settings);
  health.probing = admin;
  const refused = await refusal(admin);
  if (refused !== null) {
    if (health.probing === admin) health.probing = null;
    void admin.disconnect().catch(() => {});
  }
  return refused;
}

const prober = (settings: KafkaSettings): Admin =>
  connect(settings, { retries: 0, timeoutMs: PROBE_TIMEOUT_MS }).admin();

/** Asks the broker for its cluster. @returns why it gives no answer; null when it does */
async function refusal(admin: Admin): Promise<Error | null> {
  try {
    await admin.connect();
    await admin.describeCluster();
    return null;
  } catch (error) {
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
