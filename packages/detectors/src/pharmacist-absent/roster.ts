// Who was signed in when: pharmacists' signings by local day, and the days for which an institution reports any staff presence.
import { localDay, type StaffPresence } from '@yunjian/contracts';
import type { DetectorHost, Table } from '@yunjian/detection';

/** [event time in ms, present, staff code or '' where nobody is named, document, device] */
type Row = [at: number, present: boolean, staff: string, document: string, device: string | null];

export interface Signing {
  /** ms */
  at: number;
  present: boolean;
  document: string;
  device: string | null;
}

/** What a day's signings say as of an instant. */
export interface Attendance {
  present: boolean;
  /** The last signing by then; null: nobody had signed. */
  last: Signing | null;
}

export class Roster {
  readonly #signings: Table<Row[]>;
  /** By institution: local days with a staff presence of any role, ascending. */
  readonly #days: Table<number[]>;

  constructor(host: Pick<DetectorHost<never>, 'table'>) {
    this.#signings = host.table('signing');
    this.#days = host.table('day');
  }

  /** Returns whether it is the first presence of that day. @param before event time of the document that this one replaces, ms */
  take(event: StaffPresence, before: number | null): boolean {
    const { institution, eventTime: at, role, present, staff, document, device } = event;
    if (before !== null) this.#remove(institution, localDay(before), document);
    const day = localDay(at);
    if (role === 'pharmacist') {
      const key = `${institution}|${day}`;
      const rows = this.#signings.get(key) ?? [];
      const row: Row = [at, present, staff ?? '', document, device];
      let place = rows.length;
      while (place > 0 && inOrder(rows[place - 1] as Row, row) > 0) place--;
      rows.splice(place, 0, row);
      this.#signings.set(key, rows);
    }
    return this.#note(institution, day);
  }

  /** Whether any staff presence is known of the local day or of one of `window` days before. */
  reports(institution: string, day: number, window: number): boolean {
    const days = this.#days.get(institution) ?? [];
    for (let i = days.length - 1; i >= 0; i--) {
      const known = days[i] as number;
      if (known <= day) return known >= day - window;
    }
    return false;
  }

  /** Whether a pharmacist is signed in at an instant, ms, by what was signed that local day until then, the instant included. */
  attendance(institution: string, at: number): Attendance {
    const there = new Set<string>();
    let last: Row | null = null;
    for (const row of this.#signings.get(`${institution}|${localDay(at)}`) ?? []) {
      const [when, present, staff] = row;
      if (when > at) break;
      last = row;
      if (present) there.add(staff);
      else if (staff === '') there.clear();
      else {
        there.delete(staff);
        there.delete('');
      }
    }
    return { present: there.size > 0, last: last && signing(last) };
  }

  /** Forgets signings of days before the first, and days of presence more than `window(institution)` before it. */
  prune(first: number, window: (institution: string) => number): void {
    for (const [key] of this.#signings.entries())
      if (Number(key.slice(key.lastIndexOf('|') + 1)) < first) this.#signings.delete(key);
    for (const [institution, days] of this.#days.entries()) {
      const kept = days.filter((day) => day >= first - window(institution));
      if (kept.length === days.length) continue;
      if (kept.length === 0) this.#days.delete(institution);
      else this.#days.set(institution, kept);
    }
  }

  #note(institution: string, day: number): boolean {
    const days = this.#days.get(institution);
    if (days?.includes(day)) return false;
    this.#days.set(
      institution,
      [...(days ?? []), day].sort((a, b) => a - b),
    );
    return true;
  }

  #remove(institution: string, day: number, document: string): void {
    const key = `${institution}|${day}`;
    const rows = this.#signings.get(key);
    if (rows !== undefined)
      this.#signings.set(
        key,
        rows.filter((row) => row[3] !== document),
      );
  }
}

/** By time; at one instant who leaves comes first, so that order of arrival never decides. */
function inOrder(a: Row, b: Row): number {
  return a[0] - b[0] || Number(a[1]) - Number(b[1]) || (a[3] < b[3] ? -1 : 1);
}

function signing([at, present, , document, device]: Row): Signing {
  return { at, present, document, device };
}
