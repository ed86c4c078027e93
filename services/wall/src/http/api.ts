// The HTTP API of the wall: alerts, one alert with its history, operators' actions, figures, lives of boxes and persons, bulletins.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Command } from '@yunjian/contracts';
import { z } from 'zod';
import type { Step } from '../alerts/history.ts';
import { CursorError, listAlerts } from '../alerts/list.ts';
import type { AlertStore } from '../alerts/store.ts';
import { actionFields, type CommandDesk, toCommand } from '../commands.ts';
import type { Operator, Operators } from '../operators.ts';
import type { Bulletins } from './bulletins.ts';
import type { Lives } from './lives.ts';
import { ProblemError, sendFile, sendJson } from './problem.ts';

const MAX_BODY_BYTES = 64 * 1024;

export interface ApiWorld {
  store: AlertStore;
  epoch: () => string;
  desk: CommandDesk;
  operators: Operators;
  /** Whether the store holds the world: before that nothing is answered. */
  ready: () => boolean;
  /** What happened to the alert, oldest first. */
  history: (alertId: string) => Promise<readonly Step[]>;
  /** JSON text of GET /api/kpis. */
  kpis: () => string;
  /** Names of institutions by code. */
  institutions: () => Promise<Record<string, string>>;
  /** JSON text of GET /api/catalogue: what each detector means and prescribes. */
  catalogue: string;
  lives: Lives;
  bulletins: Bulletins;
}

const actionBody = z.strictObject(actionFields);

export type Api = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

/** Handles every path under /api/. @throws ProblemError for whatever is answered with a problem document. */
export function createApi(world: ApiWorld): Api {
  return async (request, response, url) => {
    const operator = authorise(request, world.operators);
    if (!world.ready()) throw unavailable('预警日志仍在读取中,请稍后再试 / the alert log is still being read');
    const [, , resource, id, sub, ...rest] = url.pathname.split('/');
    const method = request.method ?? 'GET';
    if (rest.length > 0) throw notFound(url.pathname);
    if (resource === 'kpis' && id === undefined) return onlyGet(method, () => sendJson(response, 200, world.kpis()));
    if (resource === 'institutions' && id === undefined) {
      if (method !== 'GET') throw methodNotAllowed(method, 'GET');
      return sendJson(response, 200, JSON.stringify(await world.institutions()));
    }
    if (resource === 'catalogue' && id === undefined)
      return onlyGet(method, () => sendJson(response, 200, world.catalogue));
    if (resource === 'trace' && id !== undefined && sub === undefined) {
      if (method !== 'GET') throw methodNotAllowed(method, 'GET');
      return sendJson(response, 200, await queried(() => world.lives.box(decoded(id), url.searchParams)));
    }
    if (resource === 'persons' && id !== undefined && sub === 'history') {
      if (method !== 'GET') throw methodNotAllowed(method, 'GET');
      const answer = () => world.lives.person(decoded(id), request, url.searchParams, operator);
      return sendJson(response, 200, await queried(answer));
    }
    if (resource === 'bulletins' && sub === undefined) {
      if (method !== 'GET') throw methodNotAllowed(method, 'GET');
      if (id === undefined) return sendJson(response, 200, await world.bulletins.list());
      return sendFile(response, await queried(() => world.bulletins.file(decoded(id), url.searchParams)));
    }
    if (resource !== 'alerts') throw notFound(url.pathname);
    if (id === undefined) {
      if (method !== 'GET') throw methodNotAllowed(method, 'GET');
      const page = await queried(async () => listAlerts(world.store, world.epoch(), url.searchParams));
      return sendJson(response, 200, page);
    }
    const alertId = decoded(id);
    if (sub === undefined) {
      if (method !== 'GET') throw methodNotAllowed(method, 'GET');
      return sendJson(response, 200, await withHistory(world, alertId));
    }
    if (sub !== 'actions') throw notFound(url.pathname);
    if (method !== 'POST') throw methodNotAllowed(method, 'POST');
    return act(world, commandOf(alertId, operator, await readBody(request)), response);
  };
}

function authorise(request: IncomingMessage, operators: Operators): Operator {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  const operator = scheme?.toLowerCase() === 'bearer' && token !== undefined ? operators.byToken(token) : null;
  if (operator !== null) return operator;
  throw new ProblemError({
    status: 401,
    title: 'Unauthorized',
    detail:
      '请在 Authorization: Bearer <token> 中提供本看板的令牌 / expected the header Authorization: Bearer <token> with a token of this wall',
    headers: { 'www-authenticate': 'Bearer' },
  });
}

/** A query that is not valid is answered with what is wrong with it. */
async function queried<T>(answer: () => Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof z.ZodError) throw badRequest(error);
    if (error instanceof CursorError)
      throw new ProblemError({ status: 400, title: 'Bad Request', detail: error.message });
    throw error;
  }
}

async function withHistory(world: ApiWorld, alertId: string): Promise<string> {
  const entry = world.store.get(alertId);
  if (entry === undefined) throw unknownAlert(alertId);
  const history = await world.history(alertId);
  return `{"alert":${entry.json},"history":${JSON.stringify(history)}}`;
}

async function act(world: ApiWorld, command: Command, response: ServerResponse): Promise<void> {
  const { outcome, message, alert } = await world.desk.give(command);
  switch (outcome) {
    case 'done':
      return sendJson(response, 200, JSON.stringify({ alert }));
    case 'version_conflict':
      throw new ProblemError({ status: 409, title: 'Conflict', detail: message, more: { alert } });
    case 'unknown_alert':
      throw unknownAlert(command.alert_id);
    case 'refused':
      throw new ProblemError({ status: 403, title: 'Forbidden', detail: message });
    case 'unanswered':
      throw unavailable(message);
  }
}

function commandOf(alertId: string, operator: Operator, body: string): Command {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new ProblemError({
      status: 400,
      title: 'Bad Request',
      detail: '请求体应为 JSON 对象 / expected a JSON object as the body',
    });
  }
  const parsed = actionBody.safeParse(value);
  if (!parsed.success) throw badRequest(parsed.error);
  return toCommand(alertId, operator, parsed.data);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES)
      throw new ProblemError({
        status: 413,
        title: 'Content Too Large',
        detail: `请求体不得超过 ${MAX_BODY_BYTES} 字节 / expected a body of at most ${MAX_BODY_BYTES} bytes`,
        headers: { connection: 'close' },
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    throw new ProblemError({
      status: 400,
      title: 'Bad Request',
      detail: '路径的百分号编码有误 / the path is not valid percent-encoding',
    });
  }
}

function onlyGet(method: string, answer: () => void): void {
  if (method !== 'GET') throw methodNotAllowed(method, 'GET');
  answer();
}

function badRequest(error: z.ZodError): ProblemError {
  const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const [first] = issues;
  const where = first?.path || 'request';
  const detail = `请求有误:${where} / ${where}: ${first?.message ?? 'not valid'}`;
  return new ProblemError({ status: 400, title: 'Bad Request', detail, more: { issues } });
}

function methodNotAllowed(method: string, allow: string): ProblemError {
  return new ProblemError({
    status: 405,
    title: 'Method Not Allowed',
    detail: `请使用 ${allow} / expected ${allow}, got ${method}`,
    headers: { allow },
  });
}

function notFound(path: string): ProblemError {
  return new ProblemError({ status: 404, title: 'Not Found', detail: `没有该路径 / nothing is at ${path}` });
}

function unknownAlert(id: string): ProblemError {
  return new ProblemError({
    status: 404,
    title: 'Not Found',
    detail: `没有该预警 / no alert has the id ${id.slice(0, 128)}`,
  });
}

function unavailable(detail: string): ProblemError {
  return new ProblemError({ status: 503, title: 'Service Unavailable', detail, headers: { 'retry-after': '2' } });
}
