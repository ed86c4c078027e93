// Administrative calls: topics, watermarks, group offsets, deletions. Each waits for a broker that is away.
import kafkajs, { type Admin, type ConfigEntries, type ConfigResourceTypes as ConfigResource } from 'kafkajs';
import { connect, type KafkaSettings } from './connection.ts';
import { isPassing, isUnreachable, pauseBeforeRetry } from './faults.ts';
import { closeProbe, noteAnswer, noteOutage } from './health.ts';
import { askTopicId } from './wire/topic-id.ts';

// Node finds no named export for it in the CommonJS module.
const { ConfigResourceTypes, ConfigSource } = kafkajs;

export interface Watermark {
  partition: number;
  /** First offset held. */
  low: number;
  /** Next offset to be written. */
  high: number;
}

export interface TopicSpec {
  name: string;
  partitions: number;
  config: Record<string, string>;
}

const admins = new Map<string, Promise<Admin>>();

async function connected(settings: KafkaSettings): Promise<Admin> {
  const key = settings.brokers.join(',');
  let admin = admins.get(key);
  if (admin === undefined) {
    admin = (async () => {
      const made = connect(settings, { retries: 2 }).admin();
      await made.connect();
      return made;
    })();
    admins.set(key, admin);
    admin.catch(() => admins.delete(key));
  }
  return admin;
}

/** Runs an admin call until the broker answers it. Says once what it waits for. */
async function patiently<T>(settings: KafkaSettings, what: string, call: (admin: Admin) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      const result = await call(await connected(settings));
      noteAnswer(settings);
      return result;
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (isUnreachable(error)) noteOutage(settings, error);
      else if (attempt === 0) settings.logger?.warn({ what, reason: (error as Error).message }, 'kafka says not yet');
      await pauseBeforeRetry(attempt);
    }
  }
}

/** Ends the shared admin connections, so that a process can exit. */
export async function closeAdmin(settings: KafkaSettings): Promise<void> {
  const key = settings.brokers.join(',');
  const admin = admins.get(key);
  admins.delete(key);
  await (await admin?.catch(() => undefined))?.disconnect();
  await closeProbe(settings);
}

/**
 * Creates missing topics and holds existing ones against their specification. A setting that came with a later release is given to a topic
 * that was made by an earlier one.
 * @throws Error naming topic, setting, what is there and what is expected.
 */
export async function ensureTopics(settings: KafkaSettings, specs: readonly TopicSpec[]): Promise<void> {
  await patiently(settings, 'ensureTopics', async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = specs.filter(({ name }) => !existing.has(name));
    if (missing.length > 0)
      await admin.createTopics({
        waitForLeaders: true,
        topics: missing.map(({ name, partitions, config }) => ({
          topic: name,
          numPartitions: partitions,
          configEntries: Object.entries(config).map(([entry, value]) => ({ name: entry, value })),
        })),
      });
    const present = specs.filter(({ name }) => existing.has(name));
    if (present.length > 0) await verify(admin, present);
  });
}

async function verify(admin: Admin, specs: readonly TopicSpec[]): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: specs.map(({ name }) => name) });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: specs.map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name })),
  });
  for (const spec of specs) {
    const partitions = topics.find(({ name }) => name === spec.name)?.partitions.length;
    if (partitions !== spec.partitions)
      throw new Error(
        `topic ${spec.name} has ${partitions} partitions, expected ${spec.partitions}: the count is fixed for good; use another namespace or set the partition count to what is there`,
      );
    const entries = resources.find(({ resourceName }) => resourceName === spec.name)?.configEntries ?? [];
    const added = await addSettings(admin, spec, entries);
    for (const [name, value] of Object.entries(spec.config)) {
      if (added.has(name)) continue;
      const found = entries.find(({ configName }) => configName === name)?.configValue;
      if (found !== value)
        throw new Error(
          `topic ${spec.name} has ${name}=${found}, expected ${value}: set it with kafka-configs.sh --alter --topic ${spec.name} --add-config ${name}=${value}`,
        );
    }
  }
}

/** Of a topic that bears some settings of its specification those that nobody has set; one that bears none was made by somebody else. */
async function addSettings(admin: Admin, spec: TopicSpec, entries: readonly ConfigEntries[]): Promise<Set<string>> {
  const own = entries.filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG);
  const borne = new Set(own.map(({ configName }) => configName));
  const names = Object.keys(spec.config);
  const lacking = names.filter((name) => !borne.has(name));
  if (lacking.length === 0 || lacking.length === names.length) return new Set();
  // The call sets all of a topic's settings: what it does not name falls back to the broker's.
  const configEntries = [
    ...own.map(({ configName, configValue }) => ({ name: configName, value: configValue })),
    ...lacking.map((name) => ({ name, value: spec.config[name] as string })),
  ];
  const resource = { type: ConfigResourceTypes.TOPIC, name: spec.name, configEntries };
  await admin.alterConfigs({ validateOnly: false, resources: [resource] });
  return new Set(lacking);
}

export function topicExists(settings: KafkaSettings, topic: string): Promise<boolean> {
  return patiently(settings, 'listTopics', async (admin) => (await admin.listTopics()).includes(topic));
}

export function watermarks(settings: KafkaSettings, topic: string): Promise<Watermark[]> {
  return patiently(settings, `watermarks of ${topic}`, async (admin) =>
    (await admin.fetchTopicOffsets(topic))
      .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
      .sort((a, b) => a.partition - b.partition),
  );
}

export interface GroupCommit {
  offset: number;
  /** What was said with it, empty for nothing. */
  note: string;
}

/** What a group has committed, by partition number; null where there is nothing. */
export function groupCommits(settings: KafkaSettings, groupId: string, topic: string): Promise<(GroupCommit | null)[]> {
  return patiently(settings, 'groupCommits', async (admin) => {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const commits: (GroupCommit | null)[] = [];
    for (const { partition, offset, metadata } of found?.partitions ?? [])
      commits[partition] = Number(offset) < 0 ? null : { offset: Number(offset), note: metadata ?? '' };
    return commits;
  });
}

/** Committed offsets of a group by partition number; null where there is none. */
export async function groupOffsets(
  settings: KafkaSettings,
  groupId: string,
  topic: string,
): Promise<(number | null)[]> {
  return (await groupCommits(settings, groupId, topic)).map((commit) => commit?.offset ?? null);
}

/** Deletes the records of one partition below an offset. */
export async function deleteRecords(
  settings: KafkaSettings,
  topic: string,
  partition: number,
  before: number,
): Promise<void> {
  await patiently(settings, 'deleteRecords', (admin) =>
    admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] }),
  );
}

/** Settings of a topic as the broker has them. */
export function topicConfig(settings: KafkaSettings, topic: string): Promise<Record<string, string>> {
  return describe(settings, ConfigResourceTypes.TOPIC, topic);
}

/** Settings of the controller broker, e.g. `offsets.retention.minutes`. */
export async function brokerConfig(settings: KafkaSettings): Promise<Record<string, string>> {
  const { controller, brokers } = await patiently(settings, 'describeCluster', (admin) => admin.describeCluster());
  return describe(settings, ConfigResourceTypes.BROKER, String(controller ?? brokers[0]?.nodeId));
}

function describe(settings: KafkaSettings, type: ConfigResource, name: string): Promise<Record<string, string>> {
  return patiently(settings, 'describeConfigs', async (admin) => {
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name }] });
    return Object.fromEntries(
      (resources[0]?.configEntries ?? []).map(({ configName, configValue }) => [configName, configValue]),
    );
  });
}

/** Names one topic for good: deleted and made anew under its name it has another id, before anything is written to it. */
export function topicId(settings: KafkaSettings, topic: string): Promise<string> {
  return patiently(settings, `id of ${topic}`, async () => {
    let failed: unknown;
    for (const broker of settings.brokers)
      try {
        return await askTopicId(settings, broker, topic);
      } catch (error) {
        failed = error;
      }
    throw failed;
  });
}

/** Deletes every topic whose name starts with the prefix: the end of a replay's namespace. */
export async function deleteTopics(settings: KafkaSettings, prefix: string): Promise<void> {
  await patiently(settings, 'deleteTopics', async (admin) => {
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  });
}
