// The quarter's bulletin by itself: the final one, issued once, at a set time after the quarter's end and not before the archive has
// what had come by then. Corrections are revisions that the office issues.
import { issueBulletin, issueOf, quarterBefore } from '@yunjian/bulletin';
import type { ClickHouse } from '@yunjian/clickhouse';
import { localMidnight, quarterDays, quarterOf } from '@yunjian/contracts';

const LOOK_EVERY_MS = 600_000;
/** While the archive catches up, which takes seconds. */
const LOOK_AGAIN_MS = 15_000;
const HOUR_MS = 3_600_000;

export interface BulletinSettings {
  /** Days after the quarter's end, so that late uploads are in; the day after the end is 1. */
  days: number;
  /** Hour of the day, Asia/Shanghai. */
  hour: number;
}

interface BulletinLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** The instant from which the quarter before `now` is issued, ms. */
export function dueAt(now: number, { days, hour }: BulletinSettings): number {
  return localMidnight(quarterDays(quarterOf(now)).first + days - 1) + hour * HOUR_MS;
}

/**
 * Looks at once and then every ten minutes.
 * @param watchArchive made when a bulletin is due; from the first call on it answers whether the archive holds what had come by that call
 * @returns what ends it
 */
export function issueByItself(
  clickhouse: ClickHouse,
  watchArchive: () => () => Promise<boolean>,
  settings: BulletinSettings,
  logger: BulletinLogger,
): () => void {
  let told: string | null = null;
  let due: { at: number; archived: () => Promise<boolean> } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const waits = (fields: object, reason: string): void => {
    if (told !== reason) logger.warn({ ...fields, reason }, 'the quarter’s bulletin cannot be issued yet');
    told = reason;
  };

  /** @returns ms until the next look */
  const look = async (): Promise<number> => {
    const now = Date.now();
    const quarter = quarterBefore(quarterOf(now));
    const at = dueAt(now, settings);
    if (!clickhouse.healthy || now < at) return LOOK_EVERY_MS;
    try {
      if ((await issueOf(clickhouse, quarter))?.figures.complete === true) return LOOK_EVERY_MS;
      if (due?.at !== at) due = { at, archived: watchArchive() };
      if (!(await due.archived())) {
        waits(quarter, 'the archive does not hold yet what had come when the bulletin was due');
        return LOOK_AGAIN_MS;
      }
      const { figures, revision } = await issueBulletin(clickhouse, quarter, now);
      const ahead = figures.rows.filter(({ tier }) => tier > 0).length;
      logger.info(
        { ...quarter, revision, institutions: figures.rows.length, ahead },
        'the quarter’s bulletin is issued',
      );
    } catch (error) {
      waits(quarter, (error as Error).message);
    }
    return LOOK_EVERY_MS;
  };

  const again = async (): Promise<void> => {
    const pause = await look();
    if (!ended) timer = setTimeout(() => void again(), pause);
  };
  void again();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
