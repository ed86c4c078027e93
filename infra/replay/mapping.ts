// A declared mapping of a foreign export to raw events: which files are joined, and what each field of an event is made of.
import { createHash } from 'node:crypto';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

/** A row with the look-up rows joined to it: `COLUMN`, or `file.COLUMN`; `row` is its number from 1. */
export type Row = Record<string, string>;
export interface JoinedRow {
  number: number;
  own: Row;
  joined: Record<string, Row | undefined>;
}

const path = z.string().min(1);
const fromField = z.strictObject({
  from: path,
  map: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  default: z.union([z.string(), z.number()]).optional(),
  as: z.enum(['text', 'number']).optional(),
});
const templateField = z.strictObject({ template: z.string() });
const codeField = z.strictObject({ code: path, prefix: z.string(), digits: z.int().min(1).max(18) });

export type FieldSpec =
  | string
  | number
  | boolean
  | null
  | FieldSpec[]
  | { [name: string]: FieldSpec }
  | z.infer<typeof fromField>
  | z.infer<typeof templateField>
  | z.infer<typeof codeField>;

const mappingSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, { error: 'expected a short lower-case name: it becomes part of topic names' }),
  files: z.record(z.string(), z.strictObject({ file: z.string(), key: z.string() })).default({}),
  join: z.record(z.string(), path).default({}),
  rules: z.unknown().optional(),
  events: z
    .array(
      z.strictObject({ once_per: path.optional(), time: path.optional(), event: z.record(z.string(), z.unknown()) }),
    )
    .min(1),
});
export type Mapping = z.infer<typeof mappingSchema>;

/** @throws Error naming the field, what came and what is expected. */
export function readMapping(text: string, file: string): Mapping {
  const result = mappingSchema.safeParse(parseYaml(text));
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.join('.') || '(file)'}: ${issue.message}`);
  throw new Error(`${file} is no mapping: ${issues.join('; ')}`);
}

/** Applies a mapping row by row; remembers what was already emitted `once_per`. */
export function createMapper(mapping: Mapping): (row: JoinedRow) => Record<string, unknown>[] {
  const emitted = new Set<string>();
  return (row) => {
    const events: Record<string, unknown>[] = [];
    for (const [i, spec] of mapping.events.entries()) {
      if (spec.once_per !== undefined) {
        const key = `${i}|${lookUp(row, spec.once_per) ?? ''}`;
        if (emitted.has(key)) continue;
        emitted.add(key);
      }
      events.push(build(row, spec.event as Record<string, FieldSpec>));
    }
    return events;
  };
}

function build(row: JoinedRow, fields: Record<string, FieldSpec>): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(fields)) {
    const value = evaluate(row, spec);
    if (value !== undefined) made[name] = value;
  }
  return made;
}

function evaluate(row: JoinedRow, spec: FieldSpec): unknown {
  if (spec === null || typeof spec !== 'object') return spec;
  if (Array.isArray(spec)) return spec.map((item) => evaluate(row, item)).filter((value) => value !== undefined);
  const from = fromField.safeParse(spec);
  if (from.success) return take(row, from.data);
  const template = templateField.safeParse(spec);
  if (template.success)
    return template.data.template.replace(/\{([^}]+)\}/g, (_, name: string) => lookUp(row, name) ?? '');
  const code = codeField.safeParse(spec);
  if (code.success) return stableCode(lookUp(row, code.data.code) ?? '', code.data.prefix, code.data.digits);
  return build(row, spec as Record<string, FieldSpec>);
}

/** An absent or empty column leaves the field out, so that the contract's own check names it where it is required. */
function take(row: JoinedRow, spec: z.infer<typeof fromField>): unknown {
  const found = lookUp(row, spec.from);
  const value = spec.map === undefined || found === undefined ? found : (spec.map[found] ?? spec.default);
  if (value === undefined || value === '') return spec.default;
  if (spec.as === 'number') {
    const number = Number(value);
    return Number.isFinite(number) ? number : value;
  }
  return value;
}

function lookUp(row: JoinedRow, name: string): string | undefined {
  if (name === 'row') return String(row.number);
  const dot = name.indexOf('.');
  return dot < 0 ? row.own[name] : row.joined[name.slice(0, dot)]?.[name.slice(dot + 1)];
}

/** A national-form code for a foreign id: the prefix and digits of its SHA-256, the same for the same id. */
function stableCode(id: string, prefix: string, digits: number): string {
  const number = BigInt(`0x${createHash('sha256').update(id).digest('hex').slice(0, 30)}`) % 10n ** BigInt(digits);
  return `${prefix}${number.toString().padStart(digits, '0')}`;
}
