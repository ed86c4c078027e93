// Broker settings that the design rests on: the local broker gets them as properties, the container as environment.

/** Settings of every broker of this system, whoever runs it. Values as text, as Kafka's properties take them. */
export const BROKER_SETTINGS: Readonly<Record<string, string>> = {
  // A topic is created with its own timestamps and retention or not at all.
  'auto.create.topics.enable': 'false',
  // A pointer to a checkpoint may rest for months; Kafka would otherwise expire it, even in a live group.
  'offsets.retention.minutes': '2147483647',
  'group.initial.rebalance.delay.ms': '0',
};

/** What a single node needs on top: it is its own controller and the only replica. */
export const SINGLE_NODE_SETTINGS: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  // Kafka refuses a broker that was killed until its old session is over; the default is 9 s.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  // Creating its default of 50 partitions takes seconds of the first start.
  'offsets.topic.num.partitions': '8',
  // Its default of 128 MB is a quarter of the heap below.
  'log.cleaner.dedupe.buffer.size': '16777216',
};

export const BROKER_HEAP = '512m';
