// What a replay came to: what was taken, what was refused and why, which alerts came out.
import type { AlertRecord, RejectedRecord, TopicNames } from '@yunjian/contracts';
import { type KafkaSettings, readRange, watermarks } from '@yunjian/kafka';

export interface ReplayReport {
  sent: number;
  /** Rows of the archive by kind. */
  archived: Record<string, number>;
  refused: { reason: string; issue: string; count: number }[];
  alerts: { detector: string; raised: number; withdrawn: number }[];
}

export async function collectReport(
  kafka: KafkaSettings,
  names: TopicNames,
  sent: number,
  archived: Record<string, number>,
): Promise<ReplayReport> {
  const refused = new Map<string, number>();
  await each<RejectedRecord>(kafka, names.rejected, ({ reason, issues }) => {
    const [issue] = issues;
    const key = JSON.stringify([reason, issue === undefined ? '' : `${issue.path}: ${issue.message}`]);
    refused.set(key, (refused.get(key) ?? 0) + 1);
  });
  const alerts = new Map<string, AlertRecord>();
  await each<AlertRecord>(kafka, names.alertLog, (alert) => {
    if ((alerts.get(alert.alert_id)?.version ?? 0) < alert.version) alerts.set(alert.alert_id, alert);
  });
  const byDetector = new Map<string, { raised: number; withdrawn: number }>();
  for (const { detector, state } of alerts.values()) {
    const counts = byDetector.get(detector) ?? { raised: 0, withdrawn: 0 };
    if (state.raised) counts.raised++;
    else counts.withdrawn++;
    byDetector.set(detector, counts);
  }
  return {
    sent,
    archived,
    refused: [...refused].map(([key, count]) => {
      const [reason, issue] = JSON.parse(key) as [string, string];
      return { reason, issue, count };
    }),
    alerts: [...byDetector].map(([detector, counts]) => ({ detector, ...counts })),
  };
}

async function each<T>(kafka: KafkaSettings, topic: string, take: (value: T) => void): Promise<void> {
  for (const { partition, low, high } of await watermarks(kafka, topic))
    await readRange(kafka, topic, partition, low, high, ({ value }) => {
      if (value !== null) take(JSON.parse(value.toString()) as T);
    });
}

export function printReport(report: ReplayReport, say: (line: string) => void): void {
  const refusedCount = report.refused.reduce((sum, { count }) => sum + count, 0);
  say(`  sent      ${report.sent} events`);
  say(
    `  archived  ${Object.entries(report.archived)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}`,
  );
  say(`  refused   ${refusedCount}`);
  for (const { reason, issue, count } of report.refused)
    say(`            ${String(count).padStart(6)} × ${reason}${issue === '' ? '' : ` (${issue})`}`);
  say(`  alerts    ${report.alerts.length === 0 ? 'none' : ''}`);
  for (const { detector, raised, withdrawn } of report.alerts)
    say(`            ${detector}: ${raised} stand, ${withdrawn} withdrawn`);
}
