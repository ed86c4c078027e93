// The notifier's metrics.
import type { Metrics } from '@yunjian/service';

export function createNotifierMetrics(metrics: Metrics, waiting: () => number) {
  metrics.gauge('notifier_waiting', 'Alerts that wait to be told to somebody.', [], (gauge) => gauge.set(waiting()));
  return {
    messages: metrics.counter(
      'notifier_messages_total',
      'Messages by channel, kind and outcome: sent, refused for good, or failed and tried again; by e-mail one that was not taken for some of its addresses counts as sent and once more for each of them.',
      ['channel', 'kind', 'outcome'],
    ),
    records: metrics.counter('notifier_records_total', 'Records of the alert log read.'),
  };
}
