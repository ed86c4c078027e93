// The notifier: tells whoever is on call about alerts, without a word about a person.
import { topicNames } from '@yunjian/contracts';
import { groupsDependency, kafkaDependency } from '@yunjian/kafka';
import { createLogger, createMetrics, readEnv, startService } from '@yunjian/service';
import { smtpTransport } from './channels/smtp.ts';
import { webhookTransport } from './channels/webhook.ts';
import { notifierEnv } from './env.ts';
import { type NotifierHost, startHost } from './host.ts';
import { createNotifierMetrics } from './metrics.ts';
import { type Channel, readPlan } from './plan.ts';
import { gapsOf } from './routing.ts';
import { Sender } from './sender.ts';

const env = readEnv(notifierEnv);
const logger = createLogger('notifier', env.YJ_LOG_LEVEL);
const metrics = createMetrics('notifier');
const settings = { brokers: env.KAFKA_BROKERS, clientId: `${env.YJ_NAMESPACE}.notifier`, logger };
const plan = readPlan(env, process.env);
const own = createNotifierMetrics(metrics, () => host?.waiting() ?? new Map());
let host: NotifierHost | null = null;

const transports = plan.channels.map((channel) => ({ channel, transport: transportOf(channel) }));
const senders = transports.map(
  ({ channel, transport }) =>
    new Sender({
      channel,
      transport,
      plan,
      wall: env.YJ_WALL_URL,
      backlogHours: env.YJ_NOTIFIER_BACKLOG_HOURS,
      now: Date.now,
      outcome: (name, kind, outcome, reason) => {
        own.messages.inc({ channel: name, kind, outcome });
        if (outcome === 'sent') logger.info({ channel: name, kind }, 'message sent');
        else logger.warn({ channel: name, kind, outcome, reason }, 'message not taken');
      },
    }),
);

function transportOf(channel: Channel) {
  return channel.type === 'smtp'
    ? smtpTransport(channel.url, channel.from)
    : webhookTransport(channel.url, channel.format);
}

if (senders.length === 0)
  logger.warn(
    {},
    'no channel is configured: nobody is told; set YJ_SMTP_URL and YJ_ONCALL_EMAIL, or YJ_NOTIFIER_ROUTES',
  );

for (const [roster, shifts] of Object.entries(plan.rosters)) {
  const gaps = gapsOf(shifts);
  if (gaps.length > 0)
    logger.warn({ roster, gaps }, 'nobody is on duty at these hours (Asia/Shanghai): alerts wait for the next shift');
}

await startService({
  name: 'notifier',
  env,
  logger,
  metrics,
  dependencies: [
    kafkaDependency(settings),
    groupsDependency(settings),
    {
      name: 'notifier',
      check: () => ({ ok: host !== null && host.role() !== 'joining', reason: 'the group has not been joined' }),
    },
    ...transports.map(({ channel }, i) => ({
      name: `channel ${channel.name}`,
      check: () => {
        const trouble = senders[i]?.trouble ?? null;
        return trouble === null ? { ok: true } : { ok: false, reason: trouble };
      },
    })),
  ],
  details: () => ({
    role: host?.role() ?? 'starting',
    waiting: [...(host?.waiting().values() ?? [])].reduce((sum, count) => sum + count, 0),
    channels: senders.length === 0 ? 'no channel is configured' : plan.channels.map(({ name }) => name),
  }),
  start: async () => {
    host = await startHost({
      settings,
      names: topicNames(env.YJ_NAMESPACE),
      plan,
      senders,
      backlogHours: env.YJ_NOTIFIER_BACKLOG_HOURS,
      now: Date.now,
      onRead: (records) => own.records.inc(records),
      onBadRecord: () => own.badRecords.inc(),
      onFatal: (error) => {
        logger.fatal({ reason: error.message }, 'notifier stops');
        process.exit(1);
      },
    });
  },
  stop: async () => {
    await host?.close();
    for (const { transport } of transports) transport.close();
  },
});
