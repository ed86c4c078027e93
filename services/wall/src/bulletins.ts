// The quarter's bulletin by itself: issued once, at a set time after the quarter's end. Corrections are revisions that the office issues.
import { issueBulletin, issueOf, quarterBefore } from '@yunjian/bulletin';
import type { ClickHouse } from '@yunjian/clickhouse';
import { localMidnight, quarterDays, quarterOf } from '@yunjian/contracts';

const LOOK_EVERY_MS = 600_000;
const HOUR_MS = 3_600_000;

export interface BulletinSettings {
  /** Days after the quarter's end, so that late uploads are in; the day after the end is 1. */
  days: number;
  /** Hour of the day, Asia/Shanghai. */
  hour: number;
}

/** The instant from which the quarter before `now` is issued, ms. */
export function dueAt(now: number, { days, hour }: BulletinSettings): number {
  return localMidnight(quarterDays(quarterOf(now)).first + days - 1) + hour * HOUR_MS;
}

/** Looks at once and then every ten minutes. @returns what ends it */
export function issueByItself(
  clickhouse: ClickHouse,
  settings: BulletinSettings,
  logger: { info(fields: object, message: string): void; warn(fields: object, message: string): void },
): () => void {
  let told: string | null = null;
  const look = async (): Promise<void> => {
    const now = Date.now();
    const quarter = quarterBefore(quarterOf(now));
    if (!clickhouse.healthy || now < dueAt(now, settings)) return;
    try {
      if ((await issueOf(clickhouse, quarter)) !== null) return;
      const { figures, revision } = await issueBulletin(clickhouse, quarter, now);
      const ahead = figures.rows.filter(({ tier }) => tier > 0).length;
      logger.info(
        { ...quarter, revision, institutions: figures.rows.length, ahead },
        'the quarter’s bulletin is issued',
      );
    } catch (error) {
      const { message } = error as Error;
      if (told !== message) logger.warn({ ...quarter, reason: message }, 'the quarter’s bulletin cannot be issued yet');
      told = message;
    }
  };
  void look();
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
