// Ingest's metrics.
import type { Metrics } from '@yunjian/service';

export type IngestMetrics = ReturnType<typeof createIngestMetrics>;

export function createIngestMetrics(metrics: Metrics) {
  return {
    accepted: metrics.counter(
      'ingest_accepted_total',
      'Events accepted at the HTTP door, acknowledged by the broker.',
      [],
    ),
    rejected: metrics.counter('ingest_rejected_total', 'Events refused, by door and reason.', ['door', 'reason']),
    routed: metrics.counter('ingest_routed_total', 'Raw events laid into the lanes, by feed.', ['feed']),
    waits: metrics.counter(
      'ingest_step_waits_total',
      'Times a raw partition was held back because it was too far ahead of the slowest, by feed.',
      ['feed'],
    ),
    requests: metrics.counter('ingest_requests_total', 'Requests at the HTTP door, by status.', ['status']),
    seconds: metrics.histogram('ingest_request_seconds', 'Time to answer a request at the HTTP door.', []),
  };
}
