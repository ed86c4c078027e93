// Ingest's metrics.
import type { Metrics } from '@yunjian/service';

export type IngestMetrics = ReturnType<typeof createIngestMetrics>;

export function createIngestMetrics(metrics: Metrics) {
  const marked = { at: null as number | null };
  metrics.gauge(
    'ingest_mark_age_seconds',
    'Seconds since this router last had a mark acknowledged by every lane; absent before its first.',
    [],
    (gauge) => {
      if (marked.at !== null) gauge.set((performance.now() - marked.at) / 1000);
    },
  );
  return {
    accepted: metrics.counter(
      'ingest_accepted_total',
      'Events accepted at the HTTP door, acknowledged by the broker, by feed.',
      ['feed'],
    ),
    rejected: metrics.counter('ingest_rejected_total', 'Events refused, by door and reason.', ['door', 'reason']),
    routed: metrics.counter('ingest_routed_total', 'Raw events laid into the lanes, by feed.', ['feed']),
    laid: metrics.counter('ingest_lane_records_total', 'Records written to the lanes, marks left out, by lane.', [
      'lane',
    ]),
    lost: metrics.counter(
      'ingest_lost_total',
      'Raw records that the broker had deleted by age before they were routed, by feed.',
      ['feed'],
    ),
    waits: metrics.counter(
      'ingest_step_waits_total',
      'Times a raw partition was held back because it was too far ahead of the slowest, by feed.',
      ['feed'],
    ),
    behind: metrics.gauge(
      'ingest_behind_seconds',
      'Seconds between the clock and the arrival of what was merged last, of the slowest raw partition held, by feed.',
      ['feed'],
    ),
    requests: metrics.counter('ingest_requests_total', 'Requests at the HTTP door, by status.', ['status']),
    seconds: metrics.histogram('ingest_request_seconds', 'Time to answer a request at the HTTP door.', []),
    /** A mark was acknowledged by every lane partition. */
    marked: () => {
      marked.at = performance.now();
    },
  };
}
