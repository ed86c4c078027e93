// The words of a message: Chinese first, English complete, and nothing of a person: title, level, institution, and a link.
import { digest, isoShanghai, type Level } from '@yunjian/contracts';
import type { Alert } from './alert.ts';

/** What has happened to an alert that somebody on call should know. */
export type NoticeKind = 'raised' | 'waiting' | 'graver' | 'escalated' | 'withdrawn';

export interface Notice {
  kind: NoticeKind;
  alert: Alert;
}

export interface Message {
  /** The same for the same news: mail servers and robots' gateways can drop a repeat. Without angle brackets. */
  id: string;
  subject: string;
  text: string;
  /** For a receiver that reads JSON. */
  data: Record<string, unknown>;
}

const LEVELS: Record<Level, { zh: string; en: string }> = {
  1: { zh: '一级(红)', en: 'level 1 (red)' },
  2: { zh: '二级(橙)', en: 'level 2 (orange)' },
  3: { zh: '三级(黄)', en: 'level 3 (yellow)' },
  4: { zh: '四级(蓝)', en: 'level 4 (blue)' },
};

const KINDS: Record<NoticeKind, { zh: string; en: string }> = {
  raised: { zh: '新预警', en: 'New alert' },
  waiting: { zh: '预警待确认', en: 'Alert waits to be acknowledged' },
  graver: { zh: '预警升级', en: 'Alert is graver now' },
  escalated: { zh: '超时未确认', en: 'Alert not acknowledged in time' },
  withdrawn: { zh: '预警已撤销', en: 'Alert withdrawn' },
};

/** Most alerts that a digest lists one by one. */
const LISTED = 50;

/** @param wall address of the wall, without a token. */
export function messageOf({ kind, alert }: Notice, wall: string): Message {
  const { zh, en } = KINDS[kind];
  const level = LEVELS[alert.level];
  const institution = alert.fixmedins_code;
  const link = linkTo(alert, wall);
  const at = localMinute(alert.event_time);
  return {
    id: `${digest(alert.alert_id)}.${alert.version}@yunjian`,
    subject: `【${zh}】${level.zh} ${alert.title.zh}${institution === null ? '' : ` ${institution}`} / ${en}: ${level.en} ${alert.title.en}`,
    text: [
      `${zh}:${level.zh} ${alert.title.zh}`,
      `机构:${institution ?? '不限于一家机构'}`,
      `时间:${at}(北京时间)`,
      `查看:${link}`,
      '',
      `${en}: ${level.en} ${alert.title.en}`,
      `Institution: ${institution ?? 'not one institution'}`,
      `Time: ${at} (Beijing time)`,
      `See: ${link}`,
    ].join('\n'),
    data: { ...summaryOf({ kind, alert }, wall) },
  };
}

/** What a channel that knows a single text shows of a message. */
export function contentOf({ subject, text }: Message): string {
  return `${subject}\n${text}`;
}

/**
 * Several at once, when one by one would be more than the channel takes: the gravest are listed, as many as fit.
 * @param room most bytes of UTF-8 that its content may come to.
 */
export function digestOf(notices: readonly Notice[], wall: string, room = Number.POSITIVE_INFINITY): Message {
  const gravestFirst = notices.toSorted((a, b) => a.alert.level - b.alert.level);
  const id = `${digest(notices.map(({ alert }) => `${alert.alert_id}/${alert.version}`).join())}.digest@yunjian`;
  for (let count = Math.min(LISTED, notices.length); ; count--) {
    const message = { id, ...digestListing(gravestFirst, count, wall) };
    if (count === 0 || Buffer.byteLength(contentOf(message)) <= room) return message;
  }
}

function digestListing(notices: readonly Notice[], count: number, wall: string): Omit<Message, 'id'> {
  const zh = `共 ${notices.length} 条预警动态`;
  const en = `${notices.length} alerts have news`;
  const listed = notices.slice(0, count);
  const more = notices.length - listed.length;
  const line = ({ kind, alert }: Notice, words: 'zh' | 'en') =>
    `- ${KINDS[kind][words]} ${LEVELS[alert.level][words]} ${alert.title[words]} ${alert.fixmedins_code ?? ''} ${linkTo(alert, wall)}`;
  return {
    subject: `【预警汇总】${zh} / Digest: ${en}`,
    text: [
      `${zh}(消息较多,合并发送):`,
      ...listed.map((notice) => line(notice, 'zh')),
      ...(more > 0 ? [`另有 ${more} 条,见 ${wall}`] : []),
      '',
      `${en} (told together, there were too many for one message each):`,
      ...listed.map((notice) => line(notice, 'en')),
      ...(more > 0 ? [`and ${more} more, see ${wall}`] : []),
    ].join('\n'),
    data: {
      kind: 'digest',
      count: notices.length,
      alerts: listed.map((notice) => summaryOf(notice, wall)),
      link: wall,
    },
  };
}

/** What was raised long before the notifier started and still stands. */
export function backlogOf(alerts: readonly Alert[], hours: number, wall: string): Message {
  const counts = ([1, 2, 3, 4] as const)
    .map((level) => ({ level, count: alerts.filter((alert) => alert.level === level).length }))
    .filter(({ count }) => count > 0);
  const per = (words: 'zh' | 'en') => counts.map(({ level, count }) => `${LEVELS[level][words]} ${count}`).join(', ');
  return {
    id: `${digest(alerts.map(({ alert_id, version }) => `${alert_id}/${version}`).join())}.backlog@yunjian`,
    subject: `【积压汇总】${alerts.length} 条未确认预警 / Backlog: ${alerts.length} alerts wait`,
    text: [
      `通知服务启动前 ${hours} 小时以上产生、至今未确认的预警共 ${alerts.length} 条:${per('zh')}。不再逐条发送,请查看 ${wall}`,
      '',
      `${alerts.length} alerts were raised more than ${hours} h before the notifier started and still wait: ${per('en')}. They are not sent one by one, see ${wall}`,
    ].join('\n'),
    data: {
      kind: 'backlog',
      count: alerts.length,
      levels: Object.fromEntries(counts.map((c) => [c.level, c.count])),
      link: wall,
    },
  };
}

function summaryOf({ kind, alert }: Notice, wall: string) {
  return {
    kind,
    alert_id: alert.alert_id,
    version: alert.version,
    level: alert.level,
    detector: alert.detector,
    title: alert.title,
    fixmedins_code: alert.fixmedins_code,
    event_time: alert.event_time,
    link: linkTo(alert, wall),
  };
}

function linkTo({ alert_id }: Alert, wall: string): string {
  return `${wall.replace(/\/+$/, '')}/#alert=${encodeURIComponent(alert_id)}`;
}

function localMinute(instant: string): string {
  return isoShanghai(Date.parse(instant)).slice(0, 16).replace('T', ' ');
}
