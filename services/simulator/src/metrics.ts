// The simulator's own metrics.
import type { Metrics } from '@yunjian/service';

export type SimulatorMetrics = ReturnType<typeof createSimulatorMetrics>;

export function createSimulatorMetrics(metrics: Metrics) {
  return {
    sent: metrics.counter('simulator_events_sent_total', 'Simulated events that were acknowledged.', ['feed', 'door']),
    rejected: metrics.counter(
      'simulator_events_rejected_total',
      'Simulated events that ingest refused; some are malformed on purpose.',
    ),
    retries: metrics.counter('simulator_retries_total', 'Requests that ingest did not take and that were sent again.'),
    truths: metrics.counter('simulator_truths_total', 'Truth records written.', ['detector']),
    behind: metrics.gauge('simulator_behind_seconds', 'How far the simulated life is behind the clock, s.'),
  };
}
