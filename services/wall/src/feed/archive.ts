// What the archive in ClickHouse knows: where the alert log may be begun, older steps of one alert, names of institutions.
import type { ClickHouse } from '@yunjian/clickhouse';
import { type AlertRecord, alertRecord } from '@yunjian/contracts';
import { type Entry, entryFromLog } from '../alerts/entry.ts';
import { type Step, stepOf } from '../alerts/history.ts';

export interface Archived {
  /** Offset of the alert log below which `alerts` holds everything. */
  from: number;
  alerts: Entry[];
}

export interface Archive {
  /**
   * Nothing (from offset 0) when the archive does not answer or is one of another log.
   * @param end next offset of the log now
   * @param recordAt the log's record at an offset below `end`
   */
  load(end: number, recordAt: (offset: number) => Promise<string | null>): Promise<Archived>;
  /** Oldest first; empty when the archive does not answer soon. */
  steps(alertId: string): Promise<readonly Step[]>;
  /** By institution's code; empty when the archive does not answer soon. */
  names(): Promise<Record<string, string>>;
}

interface ArchiveLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** An operator waits for a history no longer than this: what memory has is shown then, ms. */
const ANSWER_WITHIN_MS = 1500;
/** A gateway that starts waits no longer than this for the archive's next word: the log has everything too, ms. */
const START_WITHIN_MS = 30_000;
/** Steps of one alert that are shown; a long run of amendments is cut at its oldest. */
const MAX_STEPS = 500;
const NOTHING: Archived = { from: 0, alerts: [] };

/** @param topic the alert log, as `archived_offsets` names it */
export function clickhouseArchive(clickhouse: ClickHouse, topic: string, logger: ArchiveLogger): Archive {
  const archivedNext = async (): Promise<number> => {
    const [row] = await clickhouse.ask<{ next: string | number }>(
      'SELECT max(next) AS next FROM archived_offsets WHERE topic = {topic:String}',
      { topic },
      START_WITHIN_MS,
    );
    return Number(row?.next ?? 0);
  };

  /** Whether the archive holds, at its last position, what this log holds there. */
  const isOfThisLog = async (record: string | null, position: number): Promise<boolean> => {
    const [row] = await clickhouse.ask<{ record: string }>(
      'SELECT record FROM alert_transitions WHERE position = {position:UInt64} LIMIT 1',
      { position },
      START_WITHIN_MS,
    );
    const identity = (text: string) => {
      const { alert_id, version } = JSON.parse(text) as AlertRecord;
      return `${alert_id} ${version}`;
    };
    return row !== undefined && record !== null && identity(row.record) === identity(record);
  };

  const loaded: Archive['load'] = async (end, recordAt) => {
    const next = await archivedNext();
    if (next === 0) return NOTHING;
    if (next > end || !(await isOfThisLog(await recordAt(next - 1), next - 1))) {
      logger.warn({ archived: next, end }, 'the archive is of another alert log, reading this one from its beginning');
      return NOTHING;
    }
    const alerts: Entry[] = [];
    const portions = clickhouse.stream<{ position: string | number; record: string }>(
      'SELECT position, record FROM alerts ORDER BY version DESC LIMIT 1 BY alert_id',
    );
    for (;;) {
      const portion = await within(START_WITHIN_MS, portions.next());
      if (portion.done === true) return { from: next, alerts };
      for (const { position, record } of portion.value) alerts.push(entryFromLog(Number(position), record).entry);
    }
  };

  return {
    async load(end, recordAt) {
      try {
        return await loaded(end, recordAt);
      } catch (error) {
        logger.warn(
          { reason: (error as Error).message },
          'the archive does not answer, reading the alert log from its beginning',
        );
        return NOTHING;
      }
    },
    steps: (alertId) =>
      soon(
        clickhouse
          .query<{ record: string }>(
            `SELECT record FROM alert_transitions WHERE alert_id = {alertId:String}
             ORDER BY version DESC LIMIT 1 BY version LIMIT ${MAX_STEPS}`,
            { alertId },
          )
          .then((rows) => rows.map(({ record }) => stepOf(alertRecord.parse(JSON.parse(record)))).reverse()),
        [],
      ),
    names: () =>
      soon(
        clickhouse
          .query<{ authority: string; name: string }>(
            `SELECT authority, JSONExtractString(detail, 'name') AS name FROM reference
             WHERE kind = 'institution' ORDER BY event_time DESC LIMIT 1 BY authority`,
          )
          .then((rows) => Object.fromEntries(rows.map(({ authority, name }) => [authority, name]))),
        {},
      ),
  };
}

/** The answer, or `otherwise` when it takes too long. */
function soon<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  const late = new Error('too late');
  return within(ANSWER_WITHIN_MS, answer, late).catch((error: unknown) => {
    if (error !== late) throw error;
    return otherwise;
  });
}

/** @throws `late` when there is no answer by then */
async function within<T>(
  ms: number,
  answer: Promise<T>,
  late = new Error(`clickhouse has not answered within ${ms} ms`),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), ms);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}
