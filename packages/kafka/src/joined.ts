// Which of a process's groups are joined: one that has waited for long is out of work, however well the broker answers.
import type { KafkaSettings } from './connection.ts';

/** A rebalance takes a few seconds, a session 10: longer than both, ms. */
const TOO_LONG_MS = 20_000;

interface Place {
  groupId: string;
  /** Since when it waits to join, ms; null: it is joined. */
  since: number | null;
}

/** By cluster and member. */
const known = new Map<string, Map<object, Place>>();

/** Closed for good: of such a member the library still tells late that its consumer broke down. */
const gone = new WeakSet<object>();

function membersOf(settings: KafkaSettings): Map<object, Place> {
  const key = settings.brokers.join(',');
  const members = known.get(key) ?? new Map<object, Place>();
  known.set(key, members);
  return members;
}

export function noteWaiting(settings: KafkaSettings, member: object, groupId: string): void {
  if (gone.has(member)) return;
  const since = membersOf(settings).get(member)?.since ?? performance.now();
  membersOf(settings).set(member, { groupId, since });
}

export function noteJoined(settings: KafkaSettings, member: object, groupId: string): void {
  if (gone.has(member)) return;
  membersOf(settings).set(member, { groupId, since: null });
}

/** It was closed. */
export function noteGone(settings: KafkaSettings, member: object): void {
  gone.add(member);
  membersOf(settings).delete(member);
}

/** That this process's groups are joined, as a dependency of a service. */
export function groupsDependency(settings: KafkaSettings): {
  name: string;
  check(): Promise<{ ok: boolean; reason?: string }>;
} {
  return {
    name: 'groups',
    check: async () => {
      const waiting = unjoined(settings);
      if (waiting === null) return { ok: true };
      return { ok: false, reason: `${waiting.groupId} has not been joined for ${Math.round(waiting.ms / 1000)} s` };
    },
  };
}

/** The group that has waited for longest, if that is too long; null: none has. */
export function unjoined(settings: KafkaSettings): { groupId: string; ms: number } | null {
  let longest: { groupId: string; ms: number } | null = null;
  for (const { groupId, since } of membersOf(settings).values()) {
    const ms = since === null ? 0 : performance.now() - since;
    if (ms > TOO_LONG_MS && ms > (longest?.ms ?? 0)) longest = { groupId, ms };
  }
  return longest;
}
