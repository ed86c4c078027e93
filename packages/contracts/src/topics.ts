// Every topic of the system: its name in a namespace, partitions, and the broker settings that the design rests on.

/** The four kinds of raw events, each a topic and a feed with a clock of its own. The index is the feed's number in a lane record. */
export const FEEDS = ['settlement', 'surveillance', 'trace', 'reference'] as const;
export type Feed = (typeof FEEDS)[number];

export const LANES = ['institution', 'person', 'code'] as const;
export type Lane = (typeof LANES)[number];

/** Topic and group names of one namespace (`yj` live; a replay or backtest has its own). */
export function topicNames(namespace: string) {
  return {
    raw: (feed: Feed) => `${namespace}.raw.${feed}`,
    lane: (lane: Lane) => `${namespace}.lane.${lane}`,
    rejected: `${namespace}.rejected`,
    laneAlert: `${namespace}.lane.alert`,
    alertLog: `${namespace}.alert.log`,
    commandReply: `${namespace}.command.reply`,
    checkpoint: (of: 'institution' | 'alert') => `${namespace}.checkpoint.${of}`,
    group: (name: string) => `${namespace}.${name}`,
  };
}
export type TopicNames = ReturnType<typeof topicNames>;

export interface TopicSpec {
  name: string;
  partitions: number;
  /** Broker-side topic settings; all values as text, as the broker's admin interface takes them. */
  config: Record<string, string>;
}

export interface RegistryOptions {
  namespace: string;
  rawPartitions: number;
  lanePartitions: number;
  /** In a replay namespace raw topics carry the archived arrival: CreateTime instead of LogAppendTime. */
  replay?: boolean;
}

const HOUR_MS = 3_600_000;
/** Clear personal data exists only here, for 72 h (contract: yj.raw.*, yj.rejected). */
const RAW_RETENTION_MS = 72 * HOUR_MS;
/**
 * Only closed segments are deleted, and only when their newest record is over: so much later than its retention a record may go. The broker's
 * default is a week, which a topic of a few records an hour takes to fill a segment.
 */
const RAW_SEGMENT_MS = HOUR_MS;
const LANE_RETENTION_MS = 7 * 24 * HOUR_MS;
const REPLY_RETENTION_MS = HOUR_MS;
/** A batch of raw events, unpacked: as much as the HTTP door takes. */
const UNPACKED_MAX_BYTES = String(16 * 1024 * 1024);
/** A refused HTTP body of 16 MiB in base64, with its frame. */
const REJECTED_MAX_BYTES = String(24 * 1024 * 1024);

/** All topics of a namespace, ready to create or to check against a running broker. */
export function topicRegistry(options: RegistryOptions): TopicSpec[] {
  const names = topicNames(options.namespace);
  const arrival = options.replay ? 'CreateTime' : 'LogAppendTime';
  const retention = (ms: number) => ({ 'retention.ms': String(options.replay ? -1 : ms), 'cleanup.policy': 'delete' });
  // In a replay namespace the records bear the times of years, and nothing is deleted: each hour would be a file.
  const personal = {
    ...retention(RAW_RETENTION_MS),
    ...(options.replay ? {} : { 'segment.ms': String(RAW_SEGMENT_MS) }),
  };
  const forever = { 'retention.ms': '-1', 'retention.bytes': '-1', 'cleanup.policy': 'delete' };
  const size = { 'max.message.bytes': '1048588' };
  // Others write there, with whatever codec theirs has; kafkajs reads gzip alone, so the broker unpacks.
  const unpacked = { 'compression.type': 'uncompressed', 'max.message.bytes': UNPACKED_MAX_BYTES };
  return [
    ...FEEDS.map((feed) => ({
      name: names.raw(feed),
      partitions: options.rawPartitions,
      config: { ...personal, ...unpacked, 'message.timestamp.type': arrival },
    })),
    {
      name: names.rejected,
      partitions: 1,
      config: {
        ...personal,
        'max.message.bytes': REJECTED_MAX_BYTES,
        'message.timestamp.type': 'LogAppendTime',
      },
    },
    ...LANES.map((lane) => ({
      name: names.lane(lane),
      partitions: options.lanePartitions,
      config: { ...retention(LANE_RETENTION_MS), ...size, 'message.timestamp.type': 'LogAppendTime' },
    })),
    {
      name: names.laneAlert,
      partitions: 1,
      config: { ...retention(LANE_RETENTION_MS), ...size, 'message.timestamp.type': 'LogAppendTime' },
    },
    { name: names.alertLog, partitions: 1, config: { ...forever, ...size, 'message.timestamp.type': 'LogAppendTime' } },
    {
      name: names.commandReply,
      partitions: 1,
      config: { ...retention(REPLY_RETENTION_MS), ...size, 'message.timestamp.type': 'LogAppendTime' },
    },
    {
      name: names.checkpoint('institution'),
      partitions: options.lanePartitions,
      config: { ...forever, ...size, 'message.timestamp.type': 'LogAppendTime' },
    },
    {
      name: names.checkpoint('alert'),
      partitions: 1,
      config: { ...forever, ...size, 'message.timestamp.type': 'LogAppendTime' },
    },
  ];
}
