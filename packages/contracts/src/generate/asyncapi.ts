// AsyncAPI 3 of the topics that the outside writes and reads.
import { FEED_OF, type RawEventType } from '../raw/index.ts';
import { FEEDS, topicNames } from '../topics.ts';
import { rawFile } from './schemas.ts';

const NAMES = topicNames('yj');
const KEY = { type: 'string' };

const FEED_NOTES = {
  settlement: 'Settlements with their fee lines and trace codes, and reversals.',
  surveillance: 'What cameras and sign-in terminals at the counter report.',
  trace: 'Purchases, sales, returns, stocktakes and adjustments of drugs.',
  reference: 'Institutions, budgets, justifications, status of persons, the drug catalogue.',
} as const;

function message(title: string, key: string, file: string) {
  return {
    title,
    contentType: 'application/json',
    bindings: { kafka: { key: { ...KEY, description: key } } },
    payload: { $ref: `./${file}` },
  };
}

/** The document as a plain object. */
export function asyncapi(): object {
  const messages: Record<string, object> = {
    alert: message('Alert', 'alert_id', 'alert.json'),
    rejected: message('Rejected event', 'None.', 'rejected.json'),
  };
  const channels: Record<string, object> = {};
  const operations: Record<string, object> = {};
  for (const [type] of Object.entries(FEED_OF))
    messages[type] = message(`Raw event ${type}`, 'fixmedins_code, recommended.', rawFile(type as RawEventType));
  for (const feed of FEEDS) {
    const types = Object.keys(FEED_OF).filter((type) => FEED_OF[type as RawEventType] === feed);
    channels[`raw-${feed}`] = channel(NAMES.raw(feed), FEED_NOTES[feed], types);
    operations[`take-${feed}`] = { action: 'receive', channel: { $ref: `#/channels/raw-${feed}` } };
  }
  channels['alert-log'] = channel(NAMES.alertLog, 'One record per transition of an alert, kept for ever.', ['alert']);
  channels.rejected = channel(NAMES.rejected, 'Whatever was refused, at either door; kept 72 h.', ['rejected']);
  operations['tell-alerts'] = { action: 'send', channel: { $ref: '#/channels/alert-log' } };
  operations['keep-rejected'] = { action: 'send', channel: { $ref: '#/channels/rejected' } };
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Yunjian topics',
      version: '1.0.0',
      description:
        'Topics of the live namespace `yj`; a replay has a namespace of its own. Order holds within one raw partition only, and nothing depends on it. A repeat of a document is harmless.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels,
    operations,
    components: { messages },
  };
}

function channel(address: string, description: string, messages: readonly string[]): object {
  return {
    address,
    description,
    messages: Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
  };
}
