// Alerting's metrics: what came in, what it became, what stands, and how long it took.
import type { Level } from '@yunjian/contracts';
import type { Metrics } from '@yunjian/service';
import type { Observer } from './decider.ts';

const LEVELS: readonly Level[] = [1, 2, 3, 4];

export interface AlertingMetrics {
  observer: Observer;
  takenOver(seconds: number): void;
  checkpointed(seconds: number): void;
  contradicted(count: number): void;
  /** Until the process stands by again. */
  decides(standing: () => Readonly<Record<Level, number>>): void;
  standsBy(): void;
}

/**
 * @param now ms since the epoch
 * @param rebuilt told when the state had to come from the log
 */
export function createAlertingMetrics(
  metrics: Metrics,
  now: () => number,
  rebuilt: Observer['rebuilt'],
): AlertingMetrics {
  const findings = metrics.counter(
    'alerting_findings_total',
    'Findings read: taken (a transition), unchanged (nothing new) or dropped (its cause was taken before).',
    ['verdict', 'detector'],
  );
  const transitions = metrics.counter('alerting_transitions_total', 'Versions of alerts decided.', [
    'action',
    'detector',
    'level',
  ]);
  const commands = metrics.counter('alerting_commands_total', 'Commands of operators, by their outcome.', [
    'action',
    'outcome',
  ]);
  const latency = metrics.histogram(
    'alerting_log_seconds',
    'Time from the append of a record to lane.alert to the acknowledgement of what it became in the alert log.',
  );
  const takeOver = metrics.histogram(
    'alerting_take_over_seconds',
    'Time to restore the last checkpoint and read what the log holds beyond it.',
  );
  const checkpoints = metrics.histogram(
    'alerting_checkpoint_seconds',
    'Time from the start of a checkpoint to its committed pointer.',
  );
  const yields = metrics.counter(
    'alerting_log_differs_total',
    'Versions that the log holds otherwise than decided here, as an earlier release did; the log counts.',
  );
  const contradictions = metrics.counter(
    'alerting_contradictions_total',
    'Versions of which the log holds two different records. Must stay 0.',
  );
  let standing: (() => Readonly<Record<Level, number>>) | null = null;
  metrics.gauge(
    'alerting_standing_alerts',
    'Alerts that are raised and not disposed, by level.',
    ['level'],
    (gauge) => {
      for (const level of LEVELS) gauge.set({ level }, standing?.()[level] ?? 0);
    },
  );
  metrics.gauge('alerting_active', 'One while this process decides, zero while it stands by.', [], (gauge) =>
    gauge.set(standing === null ? 0 : 1),
  );
  return {
    observer: {
      decided: (record, verdict, log, replies) => {
        if (record.type === 'finding') findings.inc({ verdict, detector: record.detector });
        if (record.type === 'command')
          for (const { outcome } of replies) commands.inc({ action: record.action, outcome });
        for (const { transition, detector, level } of log)
          transitions.inc({ action: transition.action, detector, level: String(level) });
      },
      written: (timestamps) => {
        const at = now();
        for (const timestamp of timestamps) latency.observe(Math.max(0, at - timestamp) / 1000);
      },
      rebuilt,
      yielded: () => yields.inc(),
    },
    takenOver: (seconds) => takeOver.observe(seconds),
    checkpointed: (seconds) => checkpoints.observe(seconds),
    contradicted: (count) => contradictions.inc(count),
    decides: (counts) => {
      standing = counts;
    },
    standsBy: () => {
      standing = null;
    },
  };
}
