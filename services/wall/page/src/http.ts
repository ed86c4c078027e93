// The wall's HTTP API, for what does not come over the socket: figures, an alert's history, what detectors mean.
import type { BoxLife, PersonHistory } from './lives.ts';
import type { Alert, DetectorText, Kpis, Step } from './wire.ts';

/** What was found, or why nothing was. */
export interface Asked<T> {
  found: T | null;
  failure: 'unknown' | 'unavailable' | null;
}

/** An alert as it now stands, and what happened to it, oldest first. */
export interface AlertLife {
  alert: Alert;
  history: Step[];
}

export interface WallHttp {
  kpis(): Promise<Kpis | null>;
  alert(id: string): Promise<Asked<AlertLife>>;
  catalogue(): Promise<DetectorText[] | null>;
  /** Names by code. */
  institutions(): Promise<Record<string, string> | null>;
  /** @param cursor of the page before, null for the first */
  box(code: string, cursor: string | null): Promise<Asked<BoxLife>>;
  /** Every revision of every quarter, the latest first. */
  bulletins(): Promise<{ bulletins: BulletinEntry[] } | null>;
  /** A bulletin as a file; null when it does not come. */
  bulletin(entry: BulletinEntry, format: BulletinFormat): Promise<Blob | null>;
  /** @param reason goes on record with the operator's name */
  person(pseudonym: string, reason: string, cursor: string | null): Promise<Asked<PersonHistory>>;
}

export interface BulletinEntry {
  year: number;
  quarter: number;
  revision: number;
  issued_at: string;
  institutions: number;
  ahead: number;
}
export type BulletinFormat = 'html' | 'csv' | 'xlsx';

const PAGE = 50;
const WITHIN_MS = 8000;
/** What is read from the archive may take longer. */
const ARCHIVE_WITHIN_MS = 15_000;

/** A call that is not answered with a success, or not at all, finds nothing, or resolves to null: the caller keeps what it has. */
export function wallHttp(token: string): WallHttp {
  const ask = async <T>(path: string, within: number, headers: Record<string, string> = {}): Promise<Asked<T>> => {
    try {
      const response = await fetch(path, {
        headers: { authorization: `Bearer ${token}`, ...headers },
        signal: AbortSignal.timeout(within),
      });
      if (response.ok) return { found: (await response.json()) as T, failure: null };
      return { found: null, failure: response.status === 404 ? 'unknown' : 'unavailable' };
    } catch {
      return { found: null, failure: 'unavailable' };
    }
  };
  const get = async <T>(path: string): Promise<T | null> => (await ask<T>(path, WITHIN_MS)).found;
  const page = <T>(path: string, cursor: string | null, headers: Record<string, string>): Promise<Asked<T>> => {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor === null ? {} : { cursor }) });
    return ask(`${path}?${query}`, ARCHIVE_WITHIN_MS, headers);
  };
  return {
    kpis: () => get('/api/kpis'),
    alert: (id) => ask(`/api/alerts/${encodeURIComponent(id)}`, WITHIN_MS),
    catalogue: () => get('/api/catalogue'),
    institutions: () => get('/api/institutions'),
    bulletins: () => get('/api/bulletins'),
    bulletin: async ({ year, quarter, revision }, format) => {
      try {
        const response = await fetch(`/api/bulletins/${year}Q${quarter}?format=${format}&revision=${revision}`, {
          headers: { authorization: `Bearer ${token}` },
          signal: AbortSignal.timeout(ARCHIVE_WITHIN_MS),
        });
        return response.ok ? await response.blob() : null;
      } catch {
        return null;
      }
    },
    box: (code, cursor) => page(`/api/trace/${encodeURIComponent(code)}`, cursor, {}),
    person: (pseudonym, reason, cursor) =>
      page(`/api/persons/${encodeURIComponent(pseudonym)}/history`, cursor, { 'x-reason': encodeURIComponent(reason) }),
  };
}
