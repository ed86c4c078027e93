// The scalar forms of the national interface: instants, yuan amounts, quantities, flags and codes, as zod schemas that yield the inner units.
import { z } from 'zod';

const SHANGHAI_OFFSET_MS = 8 * 3_600_000;
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:T| ?)(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/;
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
  const [hours, minutes] = [Number(zone.slice(1, 3)), zone.length > 3 ? Number(zone.slice(-2)) : 0];
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

interface Scalar<T> {
  /** What is expected, to stand behind "expected". */
  form: string;
  /** For the generated JSON Schema. */
  json: Record<string, unknown>;
  /** The inner value, or `undefined` when the given one does not have the form. */
  read(value: unknown): T | undefined;
}

const SCALARS = new WeakMap<z.ZodType, Scalar<unknown>>();

/** One check that reads and judges at once: most of ingest's time goes through here, and a chain of unions, pipes and transforms takes twice as long. */
function scalar<T>({ form, json, read }: Scalar<T>): z.ZodType<T> {
  const schema = z
    .unknown()
    .check((payload) => {
      const inner = read(payload.value);
      if (inner !== undefined) payload.value = inner;
      else {
        const message = `expected ${form}, got ${shapeOf(payload.value)}`;
        payload.issues.push({ code: 'custom', message, input: payload.value });
      }
    })
    .meta(json) as unknown as z.ZodType<T>;
  SCALARS.set(schema, { form, json, read });
  return schema;
}

function sentence(form: string): string {
  return `${form.charAt(0).toUpperCase()}${form.slice(1)}.`;
}

const INSTANT_FORM = 'an ISO 8601 instant with offset, or yyyy-MM-dd HH:mm:ss[.SSS] (Asia/Shanghai)';
const INSTANT_EXAMPLES = ['2026-11-23T10:00:00+08:00', '2026-11-23 10:00:00', '2026-11-2310:00:00'];

function timeOf(form: string, read: (text: string) => number | undefined, pattern: string, examples: string[]) {
  return scalar({
    form,
    json: { description: sentence(form), type: 'string', pattern, examples },
    read: (value) => (typeof value === 'string' ? read(value) : undefined),
  });
}

/** An instant; output: ms since the epoch. */
export const instant = timeOf(INSTANT_FORM, parseInstant, INSTANT.source, INSTANT_EXAMPLES);

const INSTANT_OR_DATE = `${INSTANT.source}|${LOCAL_DATE.source}`;

/** An instant or a bare local date (its midnight, Asia/Shanghai); output: ms since the epoch. */
export const instantOrDate = timeOf(
  `${INSTANT_FORM}, or yyyy-MM-dd`,
  (text) => parseInstant(text) ?? parseLocalDate(text),
  INSTANT_OR_DATE,
  [...INSTANT_EXAMPLES, '2026-11-23'],
);

/** An instant, or a local date that counts to its end (23:59:59.999 Asia/Shanghai); output: ms since the epoch. */
export const instantOrLastDay = timeOf(
  `${INSTANT_FORM}, or yyyy-MM-dd (its end)`,
  (text) => {
    const day = parseLocalDate(text);
    return parseInstant(text) ?? (day === undefined ? undefined : day + 86_399_999);
  },
  INSTANT_OR_DATE,
  [...INSTANT_EXAMPLES, '2026-12-31'],
);

/** Numbers, or their texts. */
function numberOf(form: string, pattern: string, read: (value: string | number) => number | undefined) {
  return scalar({
    form,
    json: { description: sentence(form), type: ['string', 'number'], pattern },
    read: (value) => (typeof value === 'number' || typeof value === 'string' ? read(value) : undefined),
  });
}

function decimalOf(form: string, places: 2 | 4, allowed: (scaled: number) => boolean) {
  return numberOf(form, (places === 2 ? AMOUNT : QUANTITY).source, (value) => {
    const scaled = parseDecimal(value, places);
    return scaled !== undefined && allowed(scaled) ? scaled : undefined;
  });
}

/** Yuan, ≥ 0, at most 2 decimals; output: integer fen. */
export const amount = decimalOf('an amount in yuan, 0 or more, with at most 2 decimals', 2, (fen) => fen >= 0);
/** Yuan of a reversal, ≤ 0, at most 2 decimals; output: integer fen. */
export const reversedAmount = decimalOf('an amount in yuan, 0 or less, with at most 2 decimals', 2, (fen) => fen <= 0);
/** A quantity above 0 with up to 4 decimals; output: integer ten-thousandths. */
export const quantity = decimalOf('a quantity above 0 with at most 4 decimals', 4, (n) => n > 0);
/** A quantity of either sign (stock adjustments); output: integer ten-thousandths. */
export const signedQuantity = decimalOf('a quantity with at most 4 decimals', 4, () => true);

const UNIT_PRICE = /^\d{1,10}(\.\d{1,6})?$/;
/** A unit price in yuan, national form (16,6); output: the number as it came. */
export const unitPrice = numberOf('a unit price in yuan with at most 6 decimals', UNIT_PRICE.source, (value) =>
  UNIT_PRICE.test(String(value)) ? Number(value) : undefined,
);

const NUMBER = /^-?\d+(\.\d+)?$/;
const readNumber = (value: string | number): number | undefined => {
  const n = typeof value === 'number' || NUMBER.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(n) ? n : undefined;
};
/** A finite number, also as decimal text; output: number. */
export const numeric = numberOf('a number, also as decimal text', NUMBER.source, readNumber);

function numberThat(form: string, allowed: (n: number) => boolean) {
  return numberOf(form, NUMBER.source, (value) => {
    const n = readNumber(value);
    return n !== undefined && allowed(n) ? n : undefined;
  });
}

/** A number above 0, also as decimal text; output: number. */
export const positive = numberThat('a number above 0', (n) => n > 0);
/** Degrees, also as decimal text; output: number. */
export const longitude = numberThat('degrees of longitude from -180 to 180', (n) => Math.abs(n) <= 180);
export const latitude = numberThat('degrees of latitude from -90 to 90', (n) => Math.abs(n) <= 90);

/** An integer within [min, max], also as digit text; output: number. */
export const integer = (min: number, max: number) =>
  numberThat(`an integer from ${min} to ${max}`, (n) => Number.isInteger(n) && n >= min && n <= max);

/** A 0/1 flag as number, text or boolean; output: boolean. */
export const flag = scalar<boolean>({
  form: '0 or 1',
  json: { description: '0 or 1.', enum: [0, 1, '0', '1', true, false] },
  read: (value) => {
    if (value === 1 || value === '1' || value === true) return true;
    return value === 0 || value === '0' || value === false ? false : undefined;
  },
});

/** Text of 1 to `max` characters: code points, as JSON Schema counts them. */
export const text = (max = 64) =>
  scalar<string>({
    form: `text of 1 to ${max} characters`,
    json: { type: 'string', minLength: 1, maxLength: max },
    read: (value) => (typeof value === 'string' && value !== '' && isWithin(value, max) ? value : undefined),
  });

function isWithin(value: string, max: number): boolean {
  return value.length <= max || (value.length <= 2 * max && [...value].length <= max);
}

function patternOf(form: string, pattern: RegExp) {
  return scalar<string>({
    form,
    json: { description: sentence(form), type: 'string', pattern: pattern.source },
    read: (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined),
  });
}

/** Institution code: H (hospital) or P (pharmacy) and 11 digits (domain: national interface). */
export const institutionCode = patternOf('an institution code: H or P and 11 digits', /^[HP]\d{11}$/);

/** GB/T 28181 device id: 20 digits. */
export const deviceId = patternOf('a GB/T 28181 device id of 20 digits', /^\d{20}$/);

/** An optional field: absent, `null` and the empty string all mean "not given"; output: value or null. */
export function optional<T extends z.ZodType>(schema: T): z.ZodType<z.output<T> | null> {
  const known = SCALARS.get(schema);
  const given =
    known === undefined
      ? z.preprocess((value) => (value === '' ? null : value), schema.nullable())
      : scalar<unknown>({
          form: known.form,
          json: { anyOf: [known.json, { type: 'null' }, { const: '' }] },
          read: (value) => (value === null || value === '' ? null : known.read(value)),
        });
  return (given as z.ZodType).default(null) as unknown as z.ZodType<z.output<T> | null>;
}
