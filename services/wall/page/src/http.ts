// The wall's HTTP API, for what does not come over the socket: figures, an alert's history, what detectors mean.
import type { Alert, DetectorText, Kpis, Step } from './wire.ts';

export interface WallHttp {
  kpis(): Promise<Kpis | null>;
  alert(id: string): Promise<{ alert: Alert; history: Step[] } | null>;
  catalogue(): Promise<DetectorText[] | null>;
  /** Names by code. */
  institutions(): Promise<Record<string, string> | null>;
}

/** Every call resolves to null when the answer is not a success or does not come: the caller keeps what it has. */
export function wallHttp(token: string): WallHttp {
  const get = async <T>(path: string): Promise<T | null> => {
    try {
      const response = await fetch(path, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(8000),
      });
      return response.ok ? ((await response.json()) as T) : null;
    } catch {
      return null;
    }
  };
  return {
    kpis: () => get('/api/kpis'),
    alert: (id) => get(`/api/alerts/${encodeURIComponent(id)}`),
    catalogue: () => get('/api/catalogue'),
    institutions: () => get('/api/institutions'),
  };
}
