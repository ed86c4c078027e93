// Answers of the HTTP door that refuse a request as a whole.
import type { ServerResponse } from 'node:http';
import { type Issue, said } from '@yunjian/contracts';

/** Seconds after which a sender may come again. */
const RETRY_AFTER = { 'retry-after': '1' };

export class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** What is wrong with the body, field by field. */
  readonly issues: readonly Issue[] | undefined;

  /** @param message what was expected and what to do; never a value of the request. */
  constructor(status: number, message: string, headers: Record<string, string> = {}, issues?: readonly Issue[]) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.issues = issues;
  }
}

export const away = () =>
  new Refusal(
    503,
    said('消息队列暂不可用,请稍后重发', 'the broker does not answer: send the request again later'),
    RETRY_AFTER,
  );
export const busy = () =>
  new Refusal(
    429,
    said('处理中的请求过多,请稍后重发', 'too much is under way: send the request again later'),
    RETRY_AFTER,
  );
export const wrongMethod = () => new Refusal(405, said('请使用 POST', 'expected POST'), { allow: 'POST' });
export const badKey = () =>
  new Refusal(
    401,
    said('请在 Authorization: Bearer 中提供有效的 API 密钥', 'expected Authorization: Bearer with a valid API key'),
    { 'www-authenticate': 'Bearer' },
  );

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Answers with a problem document (RFC 9457). */
export function answerRefusal(response: ServerResponse, { status, message, headers, issues }: Refusal): void {
  const problem = { type: 'about:blank', title: TITLES[status] ?? 'Error', status, detail: message, issues };
  answerJson(response, status, problem, { ...headers, 'content-type': 'application/problem+json' });
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(bytes);
}
