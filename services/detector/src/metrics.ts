// The detector's metrics.
import type { Effects, ShadowReport } from '@yunjian/detection';
import type { createMetrics } from '@yunjian/service';

export type DetectorMetrics = ReturnType<typeof createDetectorMetrics>;

export function createDetectorMetrics(metrics: ReturnType<typeof createMetrics>) {
  const records = metrics.counter('detector_records_total', 'Lane records processed.', []);
  const findings = metrics.counter('detector_findings_total', 'Findings sent to alerting, by detector and action.', [
    'detector',
    'action',
  ]);
  const events = metrics.counter(
    'detector_counted_total',
    'Things worth counting in the core, such as repeated documents or settlements too old to judge.',
    ['what'],
  );
  const checkpoints = metrics.counter('detector_checkpoints_total', 'Checkpoints whose pointer was committed.', []);
  const checkpointSeconds = metrics.histogram(
    'detector_checkpoint_seconds',
    'Time from the start of a checkpoint to its committed pointer.',
    [],
  );
  const stallMax = metrics.gauge(
    'detector_checkpoint_stall_max_seconds',
    'Longest time since the start for which a checkpoint kept the process from reading records.',
  );
  let longest = 0;
  const restoreSeconds = metrics.histogram(
    'detector_restore_seconds',
    'Time to restore a partition from its checkpoint.',
    [],
  );
  let shadows: () => readonly ShadowReport[] = () => [];
  metrics.gauge(
    'shadow_findings',
    'Alerts of a detector with shadow parameters that stand since its comparison began, in the partitions of this process: both, gained by the shadow parameters, or lost.',
    ['detector', 'outcome'],
    (gauge) => {
      gauge.reset();
      for (const { detector, failed, outcomes } of shadows())
        if (failed === null)
          for (const [outcome, count] of Object.entries(outcomes)) gauge.inc({ detector, outcome }, count);
    },
  );
  return {
    records,
    checkpoints,
    checkpointSeconds,
    restoreSeconds,
    stalled(seconds: number): void {
      if (seconds <= longest) return;
      longest = seconds;
      stallMax.set(longest);
    },
    /** @param reports of every partition of this process, asked when metrics are */
    shadowsFrom(reports: () => readonly ShadowReport[]): void {
      shadows = reports;
    },
    observe(effects: Effects): void {
      for (const { detector, action } of effects.findings) findings.inc({ detector, action });
      for (const [what, count] of effects.counts) events.inc({ what }, count);
    },
  };
}
