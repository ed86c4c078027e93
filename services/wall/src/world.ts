// The gateway without its wires: the log's records go in, sessions and the HTTP API see one consistent world.
import { type AlertRecord, isoShanghai } from '@yunjian/contracts';
import { type Entry, entryFromLog } from './alerts/entry.ts';
import { joinHistory, RecentHistory, type Step, stepOf } from './alerts/history.ts';
import { kpisOf } from './alerts/kpis.ts';
import { AlertStore } from './alerts/store.ts';
import { Hub } from './protocol/hub.ts';
import { type GatewayFeed, SourceBoard, type SourceState } from './sources/board.ts';

const SILENCE_DETECTOR = 'source-silent';
const KPIS_MAX_AGE_MS = 1000;
/** For this long after it last held the whole log the gateway calls its feed live, ms. */
const FEED_LIVE_MS = 10_000;

export interface WorldOptions {
  now: () => number;
  maxBufferedBytes: number;
  /** Older steps of an alert; empty where there is no archive. */
  archive: (alertId: string) => Promise<readonly Step[]>;
  /** A record of the log that is no alert: counted and said, and the log goes on. */
  onBadRecord: (error: Error) => void;
}

export class World {
  readonly store = new AlertStore();
  readonly sources = new SourceBoard();
  readonly hub: Hub;
  /** False until the log has been read to where it ended at the start. */
  ready = false;
  #options: WorldOptions;
  #history = new RecentHistory();
  #silentFeeds = new Map<string, string>();
  #currentAt: number | null = null;
  #behind: number | null = null;
  #kpis: { at: number; json: string } | null = null;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.hub = new Hub(this.store, '', options);
  }

  /**
   * Begins with another log, from a position below which these alerts, as the archive has them, are everything; of what lies above it the
   * archive may know this and not that. Nobody is served before `open`.
   */
  begin(position: number, archived: readonly Entry[]): void {
    this.hub.shut();
    this.store.reset(position);
    this.#history.clear();
    this.#silentFeeds.clear();
    for (const entry of archived) this.#watchSilence(entry);
    this.store.apply(
      [...archived].sort((a, b) => a.position - b.position),
      position,
    );
  }

  /** The log of that identity has been read past everything that the archive knew. */
  open(epoch: string, reason: string): void {
    this.hub.restart(epoch, reason);
  }

  /** A batch of the log, ascending, and the offset after it. */
  take(records: readonly { offset: number; value: string }[], next: number): void {
    const entries: Entry[] = [];
    for (const { offset, value } of records) {
      let read: { entry: Entry; alert: AlertRecord };
      try {
        read = entryFromLog(offset, value);
      } catch (error) {
        this.#options.onBadRecord(error as Error);
        continue;
      }
      entries.push(read.entry);
      this.#history.add(read.entry.id, stepOf(read.alert));
    }
    const changes = this.store.apply(entries, next);
    for (const { after } of changes) this.#watchSilence(after);
    this.hub.publish(changes);
  }

  health(): { sources: SourceState[]; gateway: GatewayFeed } {
    const silent = new Set(this.#silentFeeds.values());
    return { sources: this.sources.states(this.#options.now(), silent), gateway: this.feed };
  }

  /** What a comparison with the end of the log has shown. @param whole whether everything written before it has been read */
  compared(behind: number, whole: boolean): void {
    this.#behind = behind;
    if (whole) this.#currentAt = this.#options.now();
  }

  get feed(): GatewayFeed {
    const at = this.#currentAt;
    if (at === null) return { state: 'stale', behind: this.#behind, current_at: null };
    const live = this.#options.now() - at <= FEED_LIVE_MS;
    return { state: live ? 'live' : 'stale', behind: this.#behind, current_at: isoShanghai(at) };
  }

  async history(alertId: string): Promise<readonly Step[]> {
    return joinHistory(await this.#options.archive(alertId), this.#history.of(alertId));
  }

  /** JSON text of GET /api/kpis, at most a second old. */
  kpis(): string {
    const now = this.#options.now();
    if (this.#kpis === null || now - this.#kpis.at > KPIS_MAX_AGE_MS)
      this.#kpis = { at: now, json: JSON.stringify({ ...kpisOf(this.store.values(), now), ...this.health() }) };
    return this.#kpis.json;
  }

  #watchSilence(alert: Entry): void {
    if (alert.detector !== SILENCE_DETECTOR || alert.subjectKind !== 'feed') return;
    if (alert.raised && !alert.disposed) this.#silentFeeds.set(alert.id, alert.subjectRef.replace(/^feed\//, ''));
    else this.#silentFeeds.delete(alert.id);
  }
}
