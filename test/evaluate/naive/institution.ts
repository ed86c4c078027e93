// Naive rules about institutions, their counters and their cameras.
import { DAY_MS, localDate, localDay, quarterDays, quarterOf } from '@yunjian/contracts';
import { Book, MINUTE_MS, type NaiveRule } from './rule.ts';

export function institutionRules(): NaiveRule[] {
  return [
    identityCheckMissing(),
    verificationUnavailable(),
    identityMismatch(),
    emptySwipe(),
    cardCluster(),
    swipeReturnCycle(),
    pharmacistAbsent(),
    {
      detector: 'prescription-missing',
      ignores: 'the catalogue and later documents',
      on: {
        settlement: (s) =>
          s.prescription === null && s.cold.get().lines.some((line) => line.prescriptionDrug === true)
            ? s.settlementId
            : null,
      },
    },
    {
      detector: 'large-amount',
      ignores: 'kinds of institutions, wards and chronic patients',
      on: { settlement: (s) => (s.fund > 50_000 ? s.settlementId : null) },
    },
    {
      detector: 'night-settlement',
      ignores: 'opening hours, hospitals and emergencies',
      on: {
        settlement: (s) => {
          const hour = hourOf(s.eventTime);
          return hour >= 23 || hour < 6 ? s.settlementId : null;
        },
      },
    },
    sourceSilent(),
    quarterlySpend(),
    samePeriodIndex(),
  ];
}

function identityCheckMissing(): NaiveRule {
  const checks = new Book(() => new Map<string, number>());
  return {
    detector: 'identity-check-missing',
    ignores: 'cameras, checks that come after or late, terminals, family',
    on: {
      identityCheck: (c) => {
        if (c.result === 'passed' && c.person !== null) checks.of(c.institution).set(c.person, c.eventTime);
        return null;
      },
      settlement: (s) => {
        const at = checks.of(s.institution).get(s.person);
        return at !== undefined && s.eventTime - at <= 10 * MINUTE_MS ? null : s.settlementId;
      },
    },
  };
}

function verificationUnavailable(): NaiveRule {
  const bad = new Book(() => new Set<string>());
  return {
    detector: 'verification-unavailable',
    ignores: 'silent cameras, which counter a camera watches, checks',
    on: {
      cameraStatus: (c) => {
        if (c.status === 'online') bad.of(c.institution).delete(c.device);
        else bad.of(c.institution).add(c.device);
        return null;
      },
      settlement: (s) => (bad.of(s.institution).size > 0 ? s.settlementId : null),
    },
  };
}

function identityMismatch(): NaiveRule {
  const last = new Book<{ person: string | null; passed: boolean; at: number }>(() => ({
    person: null,
    passed: true,
    at: 0,
  }));
  return {
    detector: 'identity-mismatch',
    ignores: 'that people queue: the last face seen need not be the next card',
    on: {
      identityCheck: (c) => {
        if (c.person !== null)
          Object.assign(last.of(c.institution), { person: c.person, passed: c.result === 'passed', at: c.eventTime });
        return null;
      },
      settlement: (s) => {
        const seen = last.of(s.institution);
        const other = seen.person !== s.person || !seen.passed;
        return seen.person !== null && other && s.eventTime - seen.at <= 10 * MINUTE_MS ? s.settlementId : null;
      },
    },
  };
}

function emptySwipe(): NaiveRule {
  const persons = new Book<{ seen: number }>(() => ({ seen: 1 }));
  return {
    detector: 'empty-swipe',
    ignores: 'which counter, how old the reading is, home delivery',
    on: {
      presence: (p) => {
        persons.of(p.institution).seen = p.persons;
        return null;
      },
      settlement: (s) => (persons.of(s.institution).seen === 0 ? s.settlementId : null),
    },
  };
}

function cardCluster(): NaiveRule {
  const lately = new Book<{ person: string; at: number }[]>(() => []);
  return {
    detector: 'card-cluster',
    ignores: 'how many people stood there, families',
    on: {
      settlement: (s) => {
        const cards = lately.of(`${s.institution} ${s.terminal}`);
        cards.push({ person: s.person, at: s.eventTime });
        while ((cards[0] as { at: number }).at < s.eventTime - 5 * MINUTE_MS) cards.shift();
        return new Set(cards.map(({ person }) => person)).size >= 3
          ? `${s.institution}/${localDate(localDay(s.eventTime))}`
          : null;
      },
    },
  };
}

function swipeReturnCycle(): NaiveRule {
  const settled = new Map<string, number>();
  const returned = new Book<{ times: number }>(() => ({ times: 0 }));
  return {
    detector: 'swipe-return-cycle',
    ignores: 'corrections of amounts, and whether it was settled again',
    on: {
      settlement: (s) => {
        settled.set(`${s.institution} ${s.settlementId}`, s.eventTime);
        return null;
      },
      reversal: (r) => {
        const at = settled.get(`${r.institution} ${r.originalId}`);
        if (at === undefined || r.eventTime - at > 30 * MINUTE_MS) return null;
        return ++returned.of(`${r.institution} ${r.person}`).times >= 2 ? r.person : null;
      },
    },
  };
}

function pharmacistAbsent(): NaiveRule {
  const present = new Set<string>();
  return {
    detector: 'pharmacist-absent',
    ignores: 'who reports no presence at all, signings that come late',
    on: {
      staffPresence: (p) => {
        if (p.role === 'pharmacist') present[p.present ? 'add' : 'delete'](p.institution);
        return null;
      },
      settlement: (s) =>
        s.institution.startsWith('P') &&
        !present.has(s.institution) &&
        s.cold.get().lines.some((line) => line.prescriptionDrug === true)
          ? s.settlementId
          : null,
    },
  };
}

function sourceSilent(): NaiveRule {
  const heard = new Map<string, number>();
  const silent = (device: string | null, at: number): string | null => {
    if (device === null) return null;
    const last = heard.get(device);
    heard.set(device, Math.max(last ?? 0, at));
    return last !== undefined && at - last > 5 * MINUTE_MS ? device : null;
  };
  return {
    detector: 'source-silent',
    ignores: 'late records, and says so only when the source speaks again',
    on: {
      heartbeat: ({ device, eventTime }) => silent(device, eventTime),
      presence: ({ device, eventTime }) => silent(device, eventTime),
    },
  };
}

function quarterlySpend(): NaiveRule {
  const spent = new Book<{ fund: number }>(() => ({ fund: 0 }));
  const budgets = new Map<string, number>();
  return {
    detector: 'quarterly-spend',
    ignores: 'reversals, repeats, weights and justifications',
    on: {
      budget: (b) => {
        budgets.set(`${b.institution}/${b.year}Q${b.quarter}`, b.amount);
        return null;
      },
      settlement: (s) => {
        const { key, elapsed } = quarterAt(s.institution, s.eventTime);
        const sum = spent.of(key);
        sum.fund += s.fund;
        const budget = budgets.get(key);
        if (budget === undefined) return null;
        const ahead = sum.fund / (budget * elapsed) - 1;
        return [...(ahead > 0.1 ? [`${key}#10`] : []), ...(ahead > 0.2 ? [`${key}#20`] : [])];
      },
    },
  };
}

function samePeriodIndex(): NaiveRule {
  const spent = new Book<{ fund: number }>(() => ({ fund: 0 }));
  const indexes = new Map<string, number>();
  return {
    detector: 'same-period-index',
    ignores: 'reversals, repeats and how young the period is',
    on: {
      budget: (b) => {
        const { index } = b.cold.get();
        if (index !== undefined) indexes.set(`${b.institution}/${b.year}Q${b.quarter}`, index);
        return null;
      },
      settlement: (s) => {
        const { key, elapsed } = quarterAt(s.institution, s.eventTime);
        const sum = spent.of(key);
        sum.fund += s.fund;
        const index = indexes.get(key);
        return index !== undefined && sum.fund > index * elapsed ? key : null;
      },
    },
  };
}

function quarterAt(institution: string, at: number): { key: string; elapsed: number } {
  const { year, quarter } = quarterOf(at);
  const { first, total } = quarterDays({ year, quarter });
  return { key: `${institution}/${year}Q${quarter}`, elapsed: (localDay(at) - first + 1) / total };
}

function hourOf(at: number): number {
  return Math.floor(((((at + 8 * 3_600_000) % DAY_MS) + DAY_MS) % DAY_MS) / 3_600_000);
}
