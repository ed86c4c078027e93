// GET /api/trace/:code and GET /api/persons/:pseudonym/history: a box's life and a person's, from the ledgers.
import type { IncomingMessage } from 'node:http';
import type { BoxLife, PersonHistory } from '@yunjian/contracts';
import { z } from 'zod';
import { boxOf } from '../lives/box.ts';
import type { History, Ledgers, Reveal } from '../lives/ledgers.ts';
import { pageOf, pageQuery } from '../lives/paging.ts';
import { personOf } from '../lives/person.ts';
import type { Operator } from '../operators.ts';
import { archived } from './archive.ts';
import { ProblemError } from './problem.ts';

export interface LivesOptions {
  ledgers: Ledgers;
  now: () => number;
  newId: () => string;
  /** Said for every look at a person, once it is recorded. */
  onReveal: (reveal: Reveal) => void;
  /** ClickHouse has not answered. */
  onUnavailable: (error: Error) => void;
}

/** Both answer JSON text. @throws ProblemError; z.ZodError and CursorError for a bad query. */
export interface Lives {
  box(code: string, params: URLSearchParams): Promise<string>;
  person(pseudonym: string, request: IncomingMessage, params: URLSearchParams, operator: Operator): Promise<string>;
}

const MAX_REASON = 500;
const boxQuery = z.strictObject(pageQuery);
const personQuery = z.strictObject({ ...pageQuery, reason: z.string().optional() });
const PSEUDONYM = /^[\w-]{22}$/;
const CODE_LENGTH = 128;
const VERIFIED_FORM = /^8\d{19}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

export function createLives({ ledgers, now, newId, onReveal, onUnavailable }: LivesOptions): Lives {
  const answered = <T>(answer: Promise<T>): Promise<T> => archived(answer, onUnavailable);
  const historyOf = async (lane: 'code' | 'person', subject: string): Promise<History> => {
    const history = await answered(ledgers.history(lane, subject));
    if (history.documents.length > 0) return history;
    throw new ProblemError({
      status: 404,
      title: 'Not Found',
      detail: `没有相关记录 / nothing is known of this ${lane}`,
    });
  };

  return {
    box: async (code, params) => {
      const asked = boxQuery.parse(Object.fromEntries(params));
      if (code.length === 0 || code.length > CODE_LENGTH)
        throw badRequest(
          `追溯码应为 1 至 ${CODE_LENGTH} 个字符 / code: expected 1 to ${CODE_LENGTH} characters, got ${code.length}`,
        );
      const { documents, truncated } = await historyOf('code', code);
      const { item, netSales, events } = boxOf(documents);
      const { page, next } = pageOf(events, 'oldest first', asked);
      const life: BoxLife = {
        code,
        verified_form: VERIFIED_FORM.test(code),
        med_list_codg: item,
        name: item === null ? null : await answered(ledgers.drugName(item)),
        net_sales: netSales,
        truncated,
        events: page,
        next_cursor: next,
      };
      return JSON.stringify(life);
    },
    person: async (pseudonym, request, params, operator) => {
      const { reason: inQuery, ...asked } = personQuery.parse(Object.fromEntries(params));
      if (!PSEUDONYM.test(pseudonym))
        throw badRequest(
          '路径应为预警所示的 22 位代号 / the path names no pseudonym: expected its 22 characters as an alert shows them',
        );
      const reason = reasonOf(request, inQuery);
      const reveal: Reveal = {
        id: newId(),
        at: now(),
        operator: operator.name,
        person: pseudonym,
        reason,
        continued: asked.cursor !== undefined,
      };
      // Recorded before anything is read: what is not on record is not shown.
      await answered(ledgers.recordReveal(reveal));
      onReveal(reveal);
      const { documents, truncated } = await historyOf('person', pseudonym);
      const { status, net, events } = personOf(documents);
      const { page, next } = pageOf(events, 'newest first', asked);
      const history: PersonHistory = { person: pseudonym, status, net, truncated, events: page, next_cursor: next };
      return JSON.stringify(history);
    },
  };
}

/** @throws ProblemError 400 without one */
function reasonOf(request: IncomingMessage, inQuery: string | undefined): string {
  const header = request.headers['x-reason'];
  const given = (typeof header === 'string' ? decoded(header) : (inQuery ?? '')).trim();
  if (given.length > 0 && given.length <= MAX_REASON && !CONTROL.test(given)) return given;
  throw badRequest(
    `请填写查看理由(1 至 ${MAX_REASON} 字),将与您的姓名一并留痕 / reason: expected why this person's history is needed, 1 to ${MAX_REASON} characters, in the header X-Reason (percent-encoded UTF-8) or the query; it is recorded with your name`,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function badRequest(detail: string): ProblemError {
  return new ProblemError({ status: 400, title: 'Bad Request', detail });
}
