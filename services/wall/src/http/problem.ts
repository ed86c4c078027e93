// Answers: JSON, files, and errors as RFC 9457 problem documents.
import type { ServerResponse } from 'node:http';

export interface Problem {
  status: number;
  title: string;
  detail: string;
  /** Further members, e.g. the alert of a 409. */
  more?: Record<string, unknown>;
  headers?: Record<string, string>;
}

export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export function sendProblem(response: ServerResponse, { status, title, detail, more, headers }: Problem): void {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail, ...more });
  response.writeHead(status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(body);
}

export function sendJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(body);
}

export function sendFile(
  response: ServerResponse,
  { type, name, body }: { type: string; name: string; body: string | Buffer },
): void {
  response.writeHead(200, {
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'no-store',
  });
  response.end(body);
}
