// The notifier's metrics.
import type { Metrics } from '@yunjian/service';

/** @param waiting how many alerts wait to be told, by channel. */
export function createNotifierMetrics(metrics: Metrics, waiting: () => ReadonlyMap<string, number>) {
  metrics.gauge('notifier_waiting', 'Alerts that wait to be told to somebody, by channel.', ['channel'], (gauge) => {
    gauge.reset();
    for (const [channel, count] of waiting()) gauge.set({ channel }, count);
  });
  return {
    messages: metrics.counter(
      'notifier_messages_total',
      'Messages by channel, kind and outcome: sent, refused for good, or failed and tried again; by e-mail one that was not taken for some of its addresses counts as sent and once more for each of them.',
      ['channel', 'kind', 'outcome'],
    ),
    records: metrics.counter('notifier_records_total', 'Records of the alert log read.'),
    badRecords: metrics.counter(
      'notifier_bad_records_total',
      'Records of the alert log that are no alert, passed over.',
    ),
  };
}
