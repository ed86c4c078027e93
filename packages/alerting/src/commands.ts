// What an operator's command does to an alert, and when it is refused and with which words.
import { type AlertRecord, type Command, isoShanghai, said } from '@yunjian/contracts';
import { type Change, type Held, nextVersion } from './book.ts';
import type { AlertingSettings } from './settings.ts';

export type Outcome =
  | { outcome: 'done'; held: Held }
  | { outcome: 'version_conflict' | 'unknown_alert' | 'refused'; message: string };

interface Given {
  command: Command;
  record: AlertRecord;
  /** ms of alerting's clock */
  now: number;
  settings: AlertingSettings;
}

/** What a disposal without a finding of its own says: handled, and no more. */
const PLAIN_OUTCOME = 'handled';

/** Change, or the reason why the command makes no sense. */
type Answer = Change | string;

const RULES: Record<Command['action'], (given: Given) => Answer> = {
  ack: ({ record }) =>
    mustStand(record) ??
    (record.state.acked
      ? said('预警已确认', 'the alert is acknowledged already')
      : { state: { ...record.state, acked: true } }),
  unack: ({ record }) =>
    mustStand(record) ??
    (record.state.acked
      ? { state: { ...record.state, acked: false } }
      : said('预警尚未确认,无法取消确认', 'the alert is not acknowledged, so there is nothing to take back')),
  assign: ({ record, command }) => mustBeOpen(record) ?? assign(record, command.assignee || command.by),
  shelve: (given) => mustStand(given.record) ?? shelve(given),
  unshelve: ({ record }) =>
    record.state.shelved
      ? { state: { ...record.state, shelved: false }, shelved_until: null }
      : said('预警未被搁置', 'the alert is not shelved'),
  escalate: ({ record }) => mustStand(record) ?? { escalation: (record.escalation ?? 0) + 1 },
  dispose: ({ record, command }) =>
    mustBeOpen(record) ??
    (command.reason.trim() === ''
      ? said('请填写处置理由', 'reason is missing: a disposal is explained')
      : {
          state: { ...record.state, shelved: false, disposed: true },
          disposal: command.outcome || PLAIN_OUTCOME,
          shelved_until: null,
        }),
  comment: ({ command }) =>
    command.reason.trim() === '' ? said('请填写备注内容', 'reason is missing: it is the text of a comment') : {},
};

/** Decides a command on an alert as it stands. @param now ms of alerting's clock */
export function obey(held: Held | undefined, command: Command, now: number, settings: AlertingSettings): Outcome {
  if (held === undefined)
    return { outcome: 'unknown_alert', message: said('没有该预警', `there is no alert ${command.alert_id}`) };
  const { record } = held;
  if (command.by === 'system')
    return { outcome: 'refused', message: said('操作人不得为 system', 'by must name an operator, got "system"') };
  if (command.if_version !== record.version)
    return {
      outcome: 'version_conflict',
      message: said(
        `预警已更新至第 ${record.version} 版,请查看后重试`,
        `the alert stands at version ${record.version}, the command was meant for ${command.if_version}: look again and repeat`,
      ),
    };
  const answer = RULES[command.action]({ command, record, now, settings });
  if (typeof answer === 'string') return { outcome: 'refused', message: answer };
  const transition = { action: command.action, by: command.by, reason: command.reason };
  return { outcome: 'done', held: nextVersion(held, answer, transition, now) };
}

function assign(record: AlertRecord, assignee: string): Answer {
  return assignee === record.assignee
    ? said('预警已由该经办人负责', 'the alert is with this assignee already')
    : { assignee };
}

function shelve({ record, command, now, settings }: Given): Answer {
  const until = command.until === undefined ? now + settings.usualShelf : Date.parse(command.until);
  if (until <= now)
    return said('搁置截止时间须晚于当前时间', `until must lie after ${isoShanghai(now)}, got ${command.until}`);
  if (until > now + settings.longestShelf)
    return said(
      `搁置最长 ${settings.longestShelf / 86_400_000} 天`,
      `until must not lie after ${isoShanghai(now + settings.longestShelf)}, got ${command.until}`,
    );
  return { state: { ...record.state, shelved: true }, shelved_until: isoShanghai(until) };
}

function mustStand(record: AlertRecord): string | null {
  if (record.state.raised) return mustBeOpen(record);
  return said('预警已撤销,无需此操作', 'the alert has been withdrawn: there is nothing left to act on');
}

function mustBeOpen(record: AlertRecord): string | null {
  return record.state.disposed ? said('预警已处置', 'the alert has been disposed of') : null;
}
