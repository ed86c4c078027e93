// What is answered over HTTP: the API, and the page for everything else. Health and metrics are answered before.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SUBPROTOCOL } from '../protocol/messages.ts';
import type { Api } from './api.ts';
import type { Page } from './page.ts';
import { ProblemError, sendProblem } from './problem.ts';

export interface RoutesOptions {
  api: Api;
  page: Page;
  onError: (error: unknown) => void;
}

export type Routes = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Answers every request, unknown paths with a 404: always true. */
export function routesOf(options: RoutesOptions): Routes {
  return (request, response) => {
    respond(options, request, response).catch((error: unknown) => {
      if (!(error instanceof ProblemError)) options.onError(error);
      if (response.headersSent) response.destroy();
      else if (error instanceof ProblemError) sendProblem(response, error.problem);
      else
        sendProblem(response, {
          status: 500,
          title: 'Internal Server Error',
          detail: '请求未能处理 / the request could not be answered',
        });
    });
    return true;
  };
}

async function respond(
  { api, page }: RoutesOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://wall');
  const path = url.pathname;
  if (path.startsWith('/api/')) {
    await api(request, response, url);
    return;
  }
  if (path === '/wall' && request.headers.upgrade !== undefined)
    throw new ProblemError({
      status: 503,
      title: 'Service Unavailable',
      detail: '预警日志仍在读取中,请稍后再试 / the alert log is still being read',
      headers: { 'retry-after': '2' },
    });
  if (path === '/wall')
    throw new ProblemError({
      status: 426,
      title: 'Upgrade Required',
      detail: `请以子协议 ${SUBPROTOCOL} 升级为 WebSocket / expected a WebSocket upgrade with the subprotocol ${SUBPROTOCOL}`,
      headers: { upgrade: 'websocket' },
    });
  const method = request.method ?? 'GET';
  if ((method === 'GET' || method === 'HEAD') && page.serve(path, method === 'HEAD', response)) return;
  throw new ProblemError({ status: 404, title: 'Not Found', detail: `没有该路径 / nothing is at ${path}` });
}
