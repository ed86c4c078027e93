// The oracle of identity-check-missing, verification-unavailable and identity-mismatch: all events known, every settlement looked at once.
import type { IdentityCheck, Institution, Reversal, Settlement, YunjianEvent } from '@yunjian/contracts';
import { type Expected, firstDocuments, ofKind } from './documents.ts';
import { aliveThrough } from './life.ts';

const BEFORE_MS = 600_000;
const AFTER_MS = 120_000;
const GRAVE_FEN = 100_000;

export function identityOracle(all: readonly YunjianEvent[]): Expected[] {
  const events = firstDocuments(all);
  const byInstitution = new Map<string, YunjianEvent[]>();
  for (const event of events) {
    const list = byInstitution.get(event.institution);
    if (list === undefined) byInstitution.set(event.institution, [event]);
    else list.push(event);
  }
  return [...byInstitution.values()].flatMap(judgeInstitution);
}

function judgeInstitution(events: readonly YunjianEvent[]): Expected[] {
  const registrations = ofKind(events, 'institution');
  const signs = ofKind(events, 'heartbeat', 'identityCheck', 'presence', 'cameraStatus', 'staffPresence');
  const checks = ofKind(events, 'identityCheck').filter(({ result }) => result === 'passed');
  const reversals = ofKind(events, 'reversal');
  const open = ofKind(events, 'settlement')
    .map((settlement) => ({ settlement, cameras: camerasOf(settlement, registrations) }))
    .filter(
      ({ settlement, cameras }) =>
        cameras !== null && cameras.length > 0 && !(settlement.certificate === '01' && settlement.terminal === null),
    )
    .filter(
      ({ settlement }) =>
        !reversals.some((r) => undoes(r, settlement) && r.eventTime <= settlement.eventTime + AFTER_MS),
    )
    .sort(
      (a, b) =>
        a.settlement.eventTime - b.settlement.eventTime ||
        (a.settlement.settlementId < b.settlement.settlementId ? -1 : 1),
    );
  const covered = cover(
    open.map(({ settlement }) => settlement),
    checks,
    registrations,
  );
  return open
    .filter(({ settlement }) => !covered.has(settlement))
    .flatMap(({ settlement, cameras }): Expected[] => {
      const { eventTime, institution, settlementId, fund } = settlement;
      const alive = (cameras as string[]).every((device) =>
        aliveThrough(signs, device, eventTime - BEFORE_MS, eventTime + AFTER_MS),
      );
      const about = { institution, subject: settlementId };
      if (!alive) return [{ ...about, detector: 'verification-unavailable', level: 3 }];
      const missing = { ...about, detector: 'identity-check-missing', level: fund >= GRAVE_FEN ? 1 : 2 };
      const mismatch = { ...about, detector: 'identity-mismatch', level: 1 };
      return isSomebodyElse(settlement, events, registrations) ? [missing, mismatch] : [missing];
    });
}

/** At the terminal a failed check of this person, or a passed one of another who settled nothing with it (docs/adr/0005). */
function isSomebodyElse(
  settlement: Settlement,
  events: readonly YunjianEvent[],
  registrations: readonly Institution[],
): boolean {
  const settlements = ofKind(events, 'settlement');
  return (
    !settlement.byAgent &&
    ofKind(events, 'identityCheck').some((check) => {
      if (check.person === null || !isNear(check, settlement, registrations)) return false;
      if (check.result !== 'passed') return check.result === 'failed' && check.person === settlement.person;
      const theirs = settlements.filter((s) => s.person === check.person);
      return check.person !== settlement.person && !theirs.some((s) => isNear(check, s, registrations));
    })
  );
}

/** In the settlement's window, and at its terminal as far as both are known. */
function isNear(check: IdentityCheck, s: Settlement, registrations: readonly Institution[]): boolean {
  if (check.eventTime < s.eventTime - BEFORE_MS || check.eventTime > s.eventTime + AFTER_MS) return false;
  const terminals = terminalsOf(check, s.eventTime, registrations);
  return terminals.length === 0 || s.terminal === null || terminals.includes(s.terminal);
}

function undoes(reversal: Reversal, settlement: Settlement): boolean {
  return reversal.originalId !== null
    ? reversal.originalId === settlement.settlementId
    : reversal.originalMessageId === settlement.messageId;
}

function registrationAt(registrations: readonly Institution[], at: number): Institution | undefined {
  return registrations
    .filter(({ eventTime }) => eventTime <= at)
    .sort((a, b) => a.eventTime - b.eventTime)
    .at(-1);
}

function camerasOf({ terminal, eventTime }: Settlement, registrations: readonly Institution[]): string[] | null {
  const registration = registrationAt(registrations, eventTime);
  if (registration === undefined) return null;
  const watched = registration.counters.filter((c) => terminal === null || c.terminal === terminal);
  return [...new Set(watched.flatMap(({ device }) => (device === null ? [] : [device])))];
}

/** Where a check may have been made: its own terminal, else those of its camera by the settlement's registration; none: anywhere. */
function terminalsOf(check: IdentityCheck, at: number, registrations: readonly Institution[]): (string | null)[] {
  if (check.terminal !== null) return [check.terminal];
  const counters = registrationAt(registrations, at)?.counters ?? [];
  return counters.filter((c) => c.device === check.device && c.terminal !== null).map(({ terminal }) => terminal);
}

/** Settlements that have a cover. Nameless checks cover one each: greedy augmentation in order covers the most, and the earliest first. */
function cover(
  settlements: readonly Settlement[],
  checks: readonly IdentityCheck[],
  registrations: readonly Institution[],
): Set<Settlement> {
  const fits = (check: IdentityCheck, s: Settlement): boolean => {
    if (!isNear(check, s, registrations)) return false;
    return check.person === null || check.person === s.person || s.byAgent;
  };
  const covered = new Set<Settlement>();
  const nameless = checks.filter(({ person }) => person === null);
  const user = new Map<IdentityCheck, Settlement>();
  const augment = (s: Settlement, tried: Set<IdentityCheck>): boolean => {
    for (const check of nameless) {
      if (tried.has(check) || !fits(check, s)) continue;
      tried.add(check);
      const holder = user.get(check);
      if (holder === undefined || augment(holder, tried)) {
        user.set(check, s);
        return true;
      }
    }
    return false;
  };
  for (const s of settlements) {
    if (checks.some((check) => check.person !== null && fits(check, s)) || augment(s, new Set())) covered.add(s);
  }
  return covered;
}
