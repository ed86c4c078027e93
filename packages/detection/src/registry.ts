// The registration of institutions over time: which cameras watch which terminal, kind, hours, grid.
import type { Institution } from '@yunjian/contracts';
import type { Table } from './state.ts';

/** A registration as kept: what rules need of an `institution` event. Times in ms. */
export interface Registration {
  eventTime: number;
  arrival: number;
  /** Breaks ties of event time: the greater document holds, whatever arrived first. */
  document: string;
  category: Institution['category'];
  level: string | null;
  grid: string[];
  admdvs: string | null;
  openHours: unknown;
  /** Those that a camera watches. */
  counters: Watched[];
}

type Watched = { terminal: string | null; device: string };

export interface Registry {
  /** The latest registration whose event time is not after `at`; null before the first. */
  at(institution: string, at: number): Registration | null;
  /** The latest of all, for display (grid, kind). */
  latest(institution: string): Registration | null;
  /**
   * Cameras that a settlement at `at` rests on: those of its terminal, or every registered one without a terminal.
   * Null: no registration yet. Empty: outside video supervision. The same array as long as the same registration holds.
   */
  cameras(institution: string, terminal: string | null, at: number): readonly string[] | null;
  /** Whether a settlement at `at` on that terminal may have been seen by the device: it watches it, or is not known to watch any. */
  mayWatch(institution: string, device: string, terminal: string, at: number): boolean;
  /** Institutions known. */
  institutions(): IterableIterator<string>;
}

export interface RegistryBook extends Registry {
  take(event: Institution): void;
}

/** A registry over a table keyed by institution; its rows are registrations in order of event time. */
export function createRegistry(table: Table<Registration[]>): RegistryBook {
  /** Cameras of a registration by terminal: asked for with every settlement. */
  const watching = new WeakMap<Registration, Map<string | null, readonly string[]>>();
  let last: { institution: string; rows: Registration[] | undefined } = { institution: '', rows: undefined };
  /** One record asks several times about its institution. */
  const rowsOf = (institution: string): Registration[] | undefined => {
    if (institution !== last.institution) last = { institution, rows: table.get(institution) };
    return last.rows;
  };
  const at = (institution: string, when: number): Registration | null => {
    const rows = rowsOf(institution);
    if (rows === undefined) return null;
    for (let i = rows.length - 1; i >= 0; i--)
      if ((rows[i] as Registration).eventTime <= when) return rows[i] as Registration;
    return null;
  };
  return {
    at,
    latest: (institution) => rowsOf(institution)?.at(-1) ?? null,
    cameras: (institution, terminal, when) => {
      const registration = at(institution, when);
      if (registration === null) return null;
      let byTerminal = watching.get(registration);
      if (byTerminal === undefined) {
        byTerminal = new Map();
        watching.set(registration, byTerminal);
      }
      let devices = byTerminal.get(terminal);
      if (devices === undefined) {
        const fitting = registration.counters.filter((counter) => terminal === null || counter.terminal === terminal);
        devices = [...new Set(fitting.map(({ device }) => device))];
        byTerminal.set(terminal, devices);
      }
      return devices;
    },
    mayWatch: (institution, device, terminal, when) => {
      let known = false;
      for (const counter of at(institution, when)?.counters ?? []) {
        if (counter.device !== device || counter.terminal === null) continue;
        if (counter.terminal === terminal) return true;
        known = true;
      }
      return !known;
    },
    institutions: function* () {
      for (const [institution] of table.entries()) yield institution;
    },
    take: (event) => {
      const { admdvs, openHours } = event.cold.get();
      const { eventTime, arrival, document, category, level, grid } = event;
      const counters = event.counters.filter((counter): counter is Watched => counter.device !== null);
      const rows = (table.get(event.institution) ?? []).filter((row) => row.document !== document);
      rows.push({ eventTime, arrival, document, category, level, grid, admdvs, openHours, counters });
      rows.sort((a, b) => a.eventTime - b.eventTime || (a.document < b.document ? -1 : 1));
      table.set(event.institution, rows);
      last = { institution: event.institution, rows };
    },
  };
}
