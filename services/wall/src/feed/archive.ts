// What the archive in ClickHouse knows of alerts: where to begin, and the older steps of one alert.
import type { Entry } from '../alerts/entry.ts';
import type { Step } from '../alerts/history.ts';

export interface Archived {
  /** Offset of the alert log below which `alerts` holds everything. */
  from: number;
  alerts: Entry[];
}

export interface Archive {
  /** @param end next offset of the log now: an archive that stands above it is of another log */
  load(end: number): Promise<Archived>;
  /** Oldest first; empty when the archive does not answer soon. */
  steps(alertId: string): Promise<readonly Step[]>;
}

/** For a wall without an archive: the log from its beginning, and the steps that memory has. */
export const noArchive: Archive = {
  load: async () => ({ from: 0, alerts: [] }),
  steps: async () => [],
};
