// An alert as the notifier reads it from the log: little is asked of a record, so that one written by a later release is told as well.
import { alertLevel, alertState, bilingual, isoShanghai } from '@yunjian/contracts';
import type { LogRecord } from '@yunjian/kafka';
import { z } from 'zod';

/** Without id, version, level and state a record is no alert; the rest is as good as it is there. */
const readable = z.object({
  alert_id: z.string().min(1),
  version: z.int().min(1),
  level: alertLevel,
  state: alertState,
  detector: z.string().catch(''),
  fixmedins_code: z.string().nullable().catch(null),
  grid: z.array(z.string()).catch([]),
  title: bilingual.catch({ zh: '预警', en: 'Alert' }),
  /** ISO 8601 with offset. */
  event_time: z.iso.datetime({ offset: true }).optional().catch(undefined),
  transition: z.object({ action: z.string() }).catch({ action: '' }),
  escalation: z.int().optional().catch(undefined),
});
export type Alert = z.output<typeof readable> & { event_time: string };

/** A record of the log that is no alert. */
export class NoAlert extends Error {
  override name = 'NoAlert';
}

/** @throws NoAlert naming the field and what is expected there, and nothing of what the record says. */
export function alertOf({ value, timestamp }: Pick<LogRecord, 'value' | 'timestamp'>): Alert {
  const parsed = readable.safeParse(documentOf(value));
  if (parsed.success) return { ...parsed.data, event_time: parsed.data.event_time ?? isoShanghai(timestamp) };
  const [issue] = parsed.error.issues;
  throw new NoAlert(`${issue?.path.join('.') || 'record'}: ${issue?.message}`);
}

function documentOf(value: Buffer | null): unknown {
  if (value === null) return null;
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    throw new NoAlert('record: expected JSON');
  }
}
