// Bytes of one raw event → a validated raw event, or the issues that refuse it. Both doors and the router read events through here.
import type { z } from 'zod';
import { FEED_OF, isRawEventType, RAW_SCHEMAS, type RawEvent, type RawEventType } from './raw/index.ts';
import { shapeOf } from './scalars.ts';
import type { Feed } from './topics.ts';

/** Bytes of one event at most (contract: more than 64 KiB is refused). */
export const MAX_EVENT_BYTES = 64 * 1024;
/** How far an event_time may lie ahead of the clock, ms (contract). */
export const MAX_AHEAD_MS = 5 * 60_000;
/** How far behind the clock, outside a replay, ms (contract: 400 days). */
export const MAX_BEHIND_MS = 400 * 86_400_000;

/** Levels of objects and arrays in one event at most; the deepest that the contract names has four. */
export const MAX_DEPTH = 32;

export interface Issue {
  /** Dotted path of the field; empty for the event as a whole. */
  path: string;
  message: string;
}

export type Reason =
  | 'too_large'
  | 'not_utf8'
  | 'not_json'
  | 'invalid'
  | 'wrong_topic'
  | 'wrong_type'
  | 'future'
  | 'ancient'
  | 'forbidden'
  | 'conflict'
  | 'poison';

export type Parsed =
  | { ok: true; event: RawEvent; feed: Feed }
  | { ok: false; reason: Reason; issues: Issue[]; eventId: string | null };

export interface ParseOptions {
  /** "Ahead of" and "behind the clock" are against this instant: the arrival. */
  arrival: number;
  replay: boolean;
  /** The topic it came in; null at the HTTP door, where event_type decides. */
  feed: Feed | null;
}

const decoder = new TextDecoder('utf-8', { fatal: true });
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Validates one event; never throws. Amounts come out as fen, quantities as ten-thousandths, times as ms. */
export function parseRawEvent(bytes: Uint8Array | null, options: ParseOptions): Parsed {
  if (bytes === null || bytes.length === 0) return refused('not_json', '', 'expected a JSON object, got no bytes');
  if (bytes.length > MAX_EVENT_BYTES)
    return refused('too_large', '', `expected at most ${MAX_EVENT_BYTES} bytes, got ${bytes.length}`);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return refused('not_utf8', '', 'expected UTF-8 text');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('not_json', '', 'expected a JSON object, got text that is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refused(
      'not_json',
      '',
      `expected a JSON object, got ${value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value}`,
    );
  return parseObject(value as Record<string, unknown>, text, options);
}

function parseObject(value: Record<string, unknown>, text: string, options: ParseOptions): Parsed {
  const eventId = typeof value.event_id === 'string' ? value.event_id.slice(0, 64) : null;
  const type = value.event_type;
  if (!isRawEventType(type))
    return refused(
      'invalid',
      'event_type',
      `expected one of ${Object.keys(RAW_SCHEMAS).join(', ')}, got ${brief(type)}`,
      eventId,
    );
  const feed = FEED_OF[type];
  if (options.feed !== null && feed !== options.feed)
    return refused(
      'wrong_topic',
      'event_type',
      `${type} belongs to the ${feed} topic, it came in the ${options.feed} topic`,
      eventId,
    );
  if (isDeeperThan(value, MAX_DEPTH))
    return refused('invalid', '', `expected at most ${MAX_DEPTH} levels of nesting, got more`, eventId);
  const issues = text.includes('\\') || CONTROL.test(text) ? badTexts(value, '') : [];
  const result = RAW_SCHEMAS[type as RawEventType].safeParse(value) as z.ZodSafeParseResult<RawEvent>;
  if (!result.success) {
    for (const { path, message } of result.error.issues.slice(0, MAX_ISSUES)) addOnce(issues, path.join('.'), message);
    return { ok: false, reason: 'invalid', issues, eventId };
  }
  if (issues.length > 0) return { ok: false, reason: 'invalid', issues, eventId };
  return withinTime(result.data, feed, options, eventId);
}

/** Issues told of one event at most: a list of thousands of wrong elements is told by its first. */
const MAX_ISSUES = 50;

/** One issue a field is enough. */
function addOnce(issues: Issue[], path: string, message: string): void {
  if (!issues.some((issue) => issue.path === path)) issues.push({ path, message });
}

function withinTime(event: RawEvent, feed: Feed, options: ParseOptions, eventId: string | null): Parsed {
  const ahead = event.event_time - options.arrival;
  if (ahead > MAX_AHEAD_MS)
    return refused(
      'future',
      'event_time',
      `expected at most 5 minutes ahead of the clock, got ${Math.ceil(ahead / 1000)} s`,
      eventId,
    );
  if (!options.replay && -ahead > MAX_BEHIND_MS)
    return refused(
      'ancient',
      'event_time',
      `expected at most 400 days behind the clock, got ${Math.floor(-ahead / 86_400_000)} days`,
      eventId,
    );
  return { ok: true, event, feed };
}

function refused(reason: Reason, path: string, message: string, eventId: string | null = null): Parsed {
  return { ok: false, reason, issues: [{ path, message }], eventId };
}

const TYPE_NAME = /^[a-z_]{1,40}$/i;

/** An unknown event type may be shown where it looks like one. */
function brief(value: unknown): string {
  return typeof value === 'string' && TYPE_NAME.test(value) ? value : shapeOf(value);
}

/** Whether a JSON value is nested deeper than `levels`. Goes no deeper itself: a value of 60 KiB can be 30,000 levels deep. */
function isDeeperThan(value: object, levels: number): boolean {
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value))
    if (typeof item === 'object' && item !== null && isDeeperThan(item, levels - 1)) return true;
  return false;
}

const MAX_TEXT_ISSUES = 10;

/** Strings and names that hold control characters, or surrogates without their other half, which no UTF-8 can carry. */
function badTexts(value: unknown, path: string, found: Issue[] = []): Issue[] {
  if (found.length >= MAX_TEXT_ISSUES) return found;
  if (typeof value === 'string') {
    if (CONTROL.test(value)) found.push({ path, message: 'expected text without control characters' });
    else if (!value.isWellFormed()) found.push({ path, message: 'expected well-formed Unicode text' });
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) badTexts(item, path === '' ? String(i) : `${path}.${i}`, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      const before = found.length;
      badTexts(name, path, found);
      if (found.length === before) badTexts(item, path === '' ? name : `${path}.${name}`, found);
    }
  }
  return found;
}
