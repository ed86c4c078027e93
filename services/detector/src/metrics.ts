// The detector's metrics.
import { type Effects, OUTCOMES, type Outcome, type ShadowReport } from '@yunjian/detection';
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
  const shadowFindings = metrics.gauge(
    'shadow_findings',
    'Alerts of a detector with shadow parameters that stand since its comparison began, in the partitions of this process: both, gained by the shadow parameters, or lost.',
    ['detector', 'outcome'],
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
    /** @param reports of every partition of this process */
    shadows(reports: readonly ShadowReport[]): void {
      shadowFindings.reset();
      const sums = new Map<string, Record<Outcome, number>>();
      for (const { detector, failed, outcomes } of reports) {
        if (failed !== null) continue;
        const sum = sums.get(detector) ?? { ...OUTCOMES };
        sums.set(detector, sum);
        for (const outcome of Object.keys(OUTCOMES) as Outcome[]) sum[outcome] += outcomes[outcome];
      }
      for (const [detector, sum] of sums)
        for (const [outcome, count] of Object.entries(sum)) shadowFindings.set({ detector, outcome }, count);
    },
    observe(effects: Effects): void {
      for (const { detector, action } of effects.findings) findings.inc({ detector, action });
      for (const [what, count] of effects.counts) events.inc({ what }, count);
    },
  };
}
