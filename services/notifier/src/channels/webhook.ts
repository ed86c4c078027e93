// Robots and gateways over HTTP: a JSON document of our own, or the text message of DingTalk, WeCom and Feishu.
import { contentOf, type Message } from '../message.ts';
import { Overrun, Refused, type Transport } from './port.ts';

export type WebhookFormat = 'generic' | 'dingtalk' | 'wecom' | 'feishu';

const TIMEOUT_MS = 10_000;
/** Bytes of UTF-8, somewhat below what the robots' documentation grants: WeCom 2,048, DingTalk 20,000, Feishu 20 KB with the JSON around. */
const ROOM: Record<WebhookFormat, number> = {
  generic: Number.POSITIVE_INFINITY,
  dingtalk: 19_000,
  wecom: 2_000,
  feishu: 18_000,
};
/** Length of a ban after too many messages (domain facts §6). */
const BAN_MS = 10 * 60_000;
/** `errcode` (DingTalk, WeCom) or `code` (Feishu) for too many messages, from the robots' own documentation. */
const OVERRUN_CODES = new Set([130101, 410100, 45009, 9499, 11232]);
/**
 * Likewise for a message that is none: of a wrong type, with a wrong field, empty, too long, or with words or links that are not let through.
 * Every other code, known or not, may pass (-1: system busy) or be mended (a robot removed, an address or keyword changed): it waits.
 */
const REFUSAL_CODES = new Set([40008, 40035, 40058, 44004, 45002, 19002, 430101, 430102, 430103, 430104, 460101]);
/** Bad request, content too large, address too long, unsupported media type, unprocessable content. */
const REFUSAL_STATUSES = new Set([400, 413, 414, 415, 422]);

export function webhookTransport(url: string, format: WebhookFormat): Transport {
  return {
    room: ROOM[format],
    send: async (message) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': message.id },
        body: JSON.stringify(bodyOf(message, format)),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((error: Error) => {
        const { code = error.name } = (error.cause ?? {}) as { code?: string };
        throw new Error(`the robot does not answer: ${code}`);
      });
      const text = await response.text();
      if (response.status === 429)
        throw new Overrun('the robot answered 429', secondsOf(response.headers.get('retry-after')) ?? BAN_MS);
      if (REFUSAL_STATUSES.has(response.status)) throw new Refused(`the robot answered ${response.status}`);
      if (!response.ok) throw new Error(`the robot answered ${response.status}`);
      if (format !== 'generic') examine(text);
      return [];
    },
    close: () => {},
  };
}

function bodyOf(message: Message, format: WebhookFormat): unknown {
  const content = cut(contentOf(message), ROOM[format]);
  switch (format) {
    case 'generic':
      return { ...message.data, message_id: message.id, subject: message.subject, text: message.text };
    case 'dingtalk':
    case 'wecom':
      return { msgtype: 'text', text: { content } };
    case 'feishu':
      return { msg_type: 'text', content: { text: content } };
  }
}

/** At the border of a character. */
function cut(content: string, room: number): string {
  if (Buffer.byteLength(content) <= room) return content;
  const { read } = new TextEncoder().encodeInto(content, new Uint8Array(room - Buffer.byteLength('…')));
  return `${content.slice(0, read)}…`;
}

/** Robots answer 200 and say in the body whether they took it. */
function examine(text: string): void {
  let answer: { errcode?: number; code?: number };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    throw new Error('the robot answered no JSON: is a proxy in between?');
  }
  const code = answer.errcode ?? answer.code ?? 0;
  if (OVERRUN_CODES.has(code)) throw new Overrun(`the robot answered code ${code}: too many messages`, BAN_MS);
  if (REFUSAL_CODES.has(code)) throw new Refused(`the robot answered code ${code}`);
  if (code !== 0) throw new Error(`the robot answered code ${code}`);
}

function secondsOf(header: string | null): number | null {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}
