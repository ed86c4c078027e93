// The scalar forms of the national interface: instants, yuan amounts, quantities, flags and codes, as zod schemas that yield the inner units.
import { z } from 'zod';

const SHANGHAI_OFFSET_MS = 8 * 3_600_000;
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:T| ?)(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$/;
const LOCAL_DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
/** Largest amount held exactly: 90 trillion yuan, so that its fen stay a safe integer. */
const AMOUNT = /^(-?)(\d{1,13})(?:\.(\d{1,2}))?$/;
const QUANTITY = /^(-?)(\d{1,11})(?:\.(\d{1,4}))?$/;

/**
 * Instant in ms since the epoch (UTC) of an ISO 8601 text with offset, or of `yyyy-MM-dd HH:mm:ss[.SSS]` / `yyyy-MM-ddHH:mm:ss`
 * read as Asia/Shanghai (UTC+8, no daylight saving since 1991). `undefined` when it is neither or names no real day.
 */
export function parseInstant(text: string): number | undefined {
  const m = INSTANT.exec(text);
  if (m === null) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone] = m;
  const withT = text.charCodeAt(10) === 84;
  if (withT !== (zone !== undefined)) return undefined;
  if (!withT && m[6] === undefined) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const midnight = realDay(Number(year), Number(month), Number(day));
  if (midnight === undefined) return undefined;
  const ms = fraction === '' ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  const local = midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + ms;
  const offset = zoneOffset(zone);
  return offset === undefined ? undefined : local - offset;
}

/** ms; `undefined` for an offset that no clock has. */
function zoneOffset(zone: string | undefined): number | undefined {
  if (zone === undefined) return SHANGHAI_OFFSET_MS;
  if (zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  if (hours > 18 || minutes > 59) return undefined;
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function realDay(year: number, month: number, day: number): number | undefined {
  if (year < 1900 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined;
  return Date.UTC(year, month - 1, day);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Local midnight (Asia/Shanghai) of a `yyyy-MM-dd` text as ms since the epoch, or `undefined`. */
export function parseLocalDate(text: string): number | undefined {
  const m = LOCAL_DATE.exec(text);
  if (m === null) return undefined;
  const at = realDay(Number(m[1]), Number(m[2]), Number(m[3]));
  return at === undefined ? undefined : at - SHANGHAI_OFFSET_MS;
}

/** Decimal text or number → integer in units of 10^-places; `undefined` when it has more decimals, an exponent or is too large. */
export function parseDecimal(value: string | number, places: 2 | 4): number | undefined {
  const m = (places === 2 ? AMOUNT : QUANTITY).exec(typeof value === 'number' ? String(value) : value);
  if (m === null) return undefined;
  const scaled = Number(`${m[2]}${(m[3] ?? '').padEnd(places, '0')}`);
  return m[1] === '-' && scaled !== 0 ? -scaled : scaled;
}

const SHOWN_LENGTH = 40;

/** The shape of a value, for messages: digits become 9 and letters a, so that a message never carries what somebody put there. */
export function shapeOf(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object';
  const shape = String(value)
    .slice(0, SHOWN_LENGTH + 1)
    .replace(/\d/g, '9')
    .replace(/[\p{L}]/gu, 'a');
  const cut = shape.length > SHOWN_LENGTH ? `${shape.slice(0, SHOWN_LENGTH)}…` : shape;
  return typeof value === 'string' ? JSON.stringify(cut) : cut;
}

function refuse(ctx: z.RefinementCtx, message: string): never {
  ctx.addIssue({ code: 'custom', message });
  return z.NEVER;
}

function sentence(form: string): string {
  return `${form.charAt(0).toUpperCase()}${form.slice(1)}.`;
}

const INSTANT_FORM = 'an ISO 8601 instant with offset, or yyyy-MM-dd HH:mm:ss[.SSS] (Asia/Shanghai)';

const LOCAL_DATE_FORM = 'yyyy-MM-dd';
const INSTANT_EXAMPLES = ['2026-11-23T10:00:00+08:00', '2026-11-23 10:00:00', '2026-11-2310:00:00'];

/** Texts that `read` turns into ms since the epoch. `meta` goes into the generated JSON Schema. */
function timeOf(form: string, read: (text: string) => number | undefined, patterns: RegExp[], examples: string[]) {
  return z
    .string({ error: `expected ${form}` })
    .transform((text, ctx) => read(text) ?? refuse(ctx, `expected ${form}, got ${shapeOf(text)}`))
    .meta({ description: sentence(form), pattern: patterns.map(({ source }) => source).join('|'), examples });
}

/** An instant; output: ms since the epoch. */
export const instant = timeOf(INSTANT_FORM, parseInstant, [INSTANT], INSTANT_EXAMPLES);

/** An instant or a bare local date (its midnight, Asia/Shanghai); output: ms since the epoch. */
export const instantOrDate = timeOf(
  `${INSTANT_FORM}, or ${LOCAL_DATE_FORM}`,
  (text) => parseInstant(text) ?? parseLocalDate(text),
  [INSTANT, LOCAL_DATE],
  [...INSTANT_EXAMPLES, '2026-11-23'],
);

/** An instant, or a local date that counts to its end (23:59:59.999 Asia/Shanghai); output: ms since the epoch. */
export const instantOrLastDay = timeOf(
  `${INSTANT_FORM}, or ${LOCAL_DATE_FORM} (its end)`,
  (text) => {
    const day = parseLocalDate(text);
    return parseInstant(text) ?? (day === undefined ? undefined : day + 86_399_999);
  },
  [INSTANT, LOCAL_DATE],
  [...INSTANT_EXAMPLES, '2026-12-31'],
);

/** Numbers, or their texts, that `read` turns into an inner unit. */
function decimalOf(form: string, read: (value: string | number) => number | undefined, pattern: string) {
  return z
    .union([z.number(), z.string()], { error: `expected ${form}` })
    .transform((value, ctx) => read(value) ?? refuse(ctx, `expected ${form}, got ${shapeOf(value)}`))
    .meta({ description: sentence(form), pattern });
}

function scaled(places: 2 | 4, allowed: (scaled: number) => boolean) {
  return (value: string | number): number | undefined => {
    const read = parseDecimal(value, places);
    return read !== undefined && allowed(read) ? read : undefined;
  };
}

/** Yuan, ≥ 0, at most 2 decimals; output: integer fen. */
export const amount = decimalOf(
  'an amount in yuan, 0 or more, with at most 2 decimals',
  scaled(2, (fen) => fen >= 0),
  '^-?\\d{1,13}(\\.\\d{1,2})?$',
);
/** Yuan of a reversal, ≤ 0, at most 2 decimals; output: integer fen. */
export const reversedAmount = decimalOf(
  'an amount in yuan, 0 or less, with at most 2 decimals',
  scaled(2, (fen) => fen <= 0),
  '^-?\\d{1,13}(\\.\\d{1,2})?$',
);

/** A quantity above 0 with up to 4 decimals; output: integer ten-thousandths. */
export const quantity = decimalOf(
  'a quantity above 0 with at most 4 decimals',
  scaled(4, (n) => n > 0),
  '^\\d{1,11}(\\.\\d{1,4})?$',
);
/** A quantity of either sign (stock adjustments); output: integer ten-thousandths. */
export const signedQuantity = decimalOf(
  'a quantity with at most 4 decimals',
  scaled(4, () => true),
  '^-?\\d{1,11}(\\.\\d{1,4})?$',
);

const UNIT_PRICE = /^\d{1,10}(\.\d{1,6})?$/;
/** A unit price in yuan, national form (16,6); output: the number as it came. */
export const unitPrice = decimalOf(
  'a unit price in yuan with at most 6 decimals',
  (value) => (UNIT_PRICE.test(String(value)) ? Number(value) : undefined),
  UNIT_PRICE.source,
);

const NUMBER = /^-?\d+(\.\d+)?$/;
const readNumber = (value: string | number): number | undefined => {
  const n = typeof value === 'number' || NUMBER.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(n) ? n : undefined;
};
/** A finite number, also as decimal text; output: number. */
export const numeric = decimalOf('a number, also as decimal text', readNumber, NUMBER.source);

/** An integer within [min, max], also as digit text; output: number. */
export const integer = (min: number, max: number) =>
  decimalOf(
    `an integer from ${min} to ${max}`,
    (value) => {
      const n = readNumber(value);
      return n !== undefined && Number.isInteger(n) && n >= min && n <= max ? n : undefined;
    },
    NUMBER.source,
  );

/** A 0/1 flag as number or text; output: boolean. */
export const flag = z
  .union([z.literal(0), z.literal(1), z.literal('0'), z.literal('1'), z.boolean()], { error: 'expected 0 or 1' })
  .transform((v) => v === 1 || v === '1' || v === true);

/** Text of 1 to `max` characters. */
export const text = (max = 64) =>
  z
    .string({ error: `expected text of 1 to ${max} characters` })
    .min(1, { error: `expected text of 1 to ${max} characters, got none` })
    .max(max, { error: `expected text of 1 to ${max} characters, got more` });

/** Institution code: H (hospital) or P (pharmacy) and 11 digits (domain: national interface). */
export const institutionCode = z
  .string({ error: 'expected an institution code: H or P and 11 digits' })
  .regex(/^[HP]\d{11}$/, { error: 'expected an institution code: H or P and 11 digits' });

/** GB/T 28181 device id: 20 digits. */
export const deviceId = z
  .string({ error: 'expected a GB/T 28181 device id of 20 digits' })
  .regex(/^\d{20}$/, { error: 'expected a GB/T 28181 device id of 20 digits' });

/** An optional field: absent, `null` and (for texts) the empty string all mean "not given"; output: value or null. */
export const optional = <T extends z.ZodType>(schema: T) =>
  z
    .preprocess((v) => (v === '' || v === undefined ? null : v), schema.nullable())
    .optional()
    .default(null as never) as unknown as z.ZodType<z.output<T> | null>;
