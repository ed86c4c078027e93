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

const INSTANT_FORM = 'an ISO 8601 instant with offset, or yyyy-MM-dd HH:mm:ss[.SSS] (Asia/Shanghai)';

/** An instant; output: ms since the epoch. */
export const instant = z.string({ error: `expected ${INSTANT_FORM}` }).transform((text, ctx) => {
  const at = parseInstant(text);
  return at ?? refuse(ctx, `expected ${INSTANT_FORM}, got ${shapeOf(text)}`);
});

/** An instant or a bare local date (its midnight, Asia/Shanghai); output: ms since the epoch. */
export const instantOrDate = z.string({ error: `expected ${INSTANT_FORM}, or yyyy-MM-dd` }).transform((text, ctx) => {
  const at = parseInstant(text) ?? parseLocalDate(text);
  return at ?? refuse(ctx, `expected ${INSTANT_FORM}, or yyyy-MM-dd, got ${shapeOf(text)}`);
});

/** An instant, or a local date that counts to its end (23:59:59.999 Asia/Shanghai); output: ms since the epoch. */
export const instantOrLastDay = z
  .string({ error: `expected ${INSTANT_FORM}, or yyyy-MM-dd` })
  .transform((text, ctx) => {
    const day = parseLocalDate(text);
    const at = parseInstant(text) ?? (day === undefined ? undefined : day + 86_399_999);
    return at ?? refuse(ctx, `expected ${INSTANT_FORM}, or yyyy-MM-dd, got ${shapeOf(text)}`);
  });

const decimalInput = (what: string) => z.union([z.string(), z.number()], { error: `expected ${what}` });

function amountWithin(what: string, allowed: (fen: number) => boolean) {
  return decimalInput(what).transform((value, ctx) => {
    const fen = parseDecimal(value, 2);
    return fen !== undefined && allowed(fen) ? fen : refuse(ctx, `expected ${what}, got ${shapeOf(value)}`);
  });
}

/** Yuan, ≥ 0, at most 2 decimals; output: integer fen. */
export const amount = amountWithin('an amount in yuan, 0 or more, with at most 2 decimals', (fen) => fen >= 0);
/** Yuan of a reversal, ≤ 0, at most 2 decimals; output: integer fen. */
export const reversedAmount = amountWithin('an amount in yuan, 0 or less, with at most 2 decimals', (fen) => fen <= 0);

function quantityWithin(what: string, allowed: (scaled: number) => boolean) {
  return decimalInput(what).transform((value, ctx) => {
    const scaled = parseDecimal(value, 4);
    return scaled !== undefined && allowed(scaled) ? scaled : refuse(ctx, `expected ${what}, got ${shapeOf(value)}`);
  });
}

/** A quantity above 0 with up to 4 decimals; output: integer ten-thousandths. */
export const quantity = quantityWithin('a quantity above 0 with at most 4 decimals', (n) => n > 0);
/** A quantity of either sign (stock adjustments); output: integer ten-thousandths. */
export const signedQuantity = quantityWithin('a quantity with at most 4 decimals', () => true);

/** A unit price in yuan, national form (16,6); output: the number as it came. */
export const unitPrice = decimalInput('a unit price in yuan with at most 6 decimals').transform((value, ctx) =>
  /^\d{1,10}(\.\d{1,6})?$/.test(String(value))
    ? Number(value)
    : refuse(ctx, `expected a unit price in yuan with at most 6 decimals, got ${shapeOf(value)}`),
);

/** A finite number, also as decimal text; output: number. */
export const numeric = z.union([z.number(), z.string()], { error: 'expected a number' }).transform((value, ctx) => {
  const n = typeof value === 'number' ? value : /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(n) ? n : refuse(ctx, `expected a number, got ${shapeOf(value)}`);
});

/** An integer within [min, max], also as digit text; output: number. */
export const integer = (min: number, max: number) =>
  numeric.transform((n, ctx) =>
    Number.isInteger(n) && n >= min && n <= max
      ? n
      : refuse(ctx, `expected an integer from ${min} to ${max}, got ${shapeOf(n)}`),
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
