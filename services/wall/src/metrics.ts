// What the gateway counts about itself.
import type { Metrics } from '@yunjian/service';
import type { World } from './world.ts';

export interface WallMetrics {
  sessionStarted(): void;
  /** @param code close code, ours or the client's */
  sessionEnded(code: number): void;
  frameSent(bytes: number): void;
  recordsRead(count: number): void;
  badRecord(): void;
  command(outcome: string, seconds: number): void;
}

/** Labels of close codes are kept to ours and the protocol's own: a client may send any. */
const KNOWN_CODES = new Set([1000, 1001, 1005, 1006, 1009, 4000, 4001, 4002, 4003, 4004, 4500, 4501]);

export function createWallMetrics(metrics: Metrics, world: () => World | null): WallMetrics {
  let open = 0;
  metrics.gauge('wall_sessions', 'Connections of wall.v1 that are open.', [], (gauge) => gauge.set(open));
  metrics.gauge('wall_alerts', 'Alerts held in memory, whatever their state.', [], (gauge) =>
    gauge.set(world()?.store.size ?? 0),
  );
  metrics.gauge('wall_subscriptions', 'Subscriptions of all connections.', [], (gauge) =>
    gauge.set(world()?.hub.subscriptions ?? 0),
  );
  metrics.gauge(
    'wall_feed_behind_records',
    'Records of the alert log that the gateway had not read when it last compared.',
    [],
    (gauge) => gauge.set(world()?.feed.behind ?? 0),
  );
  const ended = metrics.counter('wall_sessions_ended_total', 'Connections that ended, by close code.', ['code']);
  const frames = metrics.counter('wall_frames_total', 'Frames handed to sockets.', []);
  const bytes = metrics.counter('wall_frame_bytes_total', 'Bytes of the frames handed to sockets.', []);
  const read = metrics.counter('wall_log_records_total', 'Records of the alert log that were read.', []);
  const bad = metrics.counter('wall_bad_records_total', 'Records of the alert log that are no alert.', []);
  const commands = metrics.histogram(
    'wall_command_seconds',
    'Time from an operator’s command to its outcome, by outcome.',
    ['outcome'],
  );
  return {
    sessionStarted: () => {
      open++;
    },
    sessionEnded: (code) => {
      open--;
      ended.inc({ code: KNOWN_CODES.has(code) ? String(code) : 'other' });
    },
    frameSent: (size) => {
      frames.inc();
      bytes.inc(size);
    },
    recordsRead: (count) => read.inc(count),
    badRecord: () => bad.inc(),
    command: (outcome, seconds) => commands.observe({ outcome }, seconds),
  };
}
