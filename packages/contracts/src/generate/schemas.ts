// JSON Schema (2020-12) of everything the outside sends and sees, from the zod schemas that the code itself uses.
import { z } from 'zod';
import { alertRecord } from '../alert.ts';
import { RAW_SCHEMAS, type RawEventType } from '../raw/index.ts';
import { rejectedRecord } from '../rejected.ts';
import { wallClientMessage, wallServerMessage } from '../wall.ts';

export type JsonSchema = Record<string, unknown>;

const BASE = 'https://yunjian.dev/schemas';

/** What a sender writes (`input`) or a reader gets (`output`). */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema;
  return rest;
}

function document(name: string, title: string, description: string, schema: z.ZodType, io: 'input' | 'output') {
  const head = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `${BASE}/${name}.json`,
    title,
    description,
  };
  return [`${name}.json`, { ...head, ...jsonSchema(schema, io) }] as const;
}

const RAW_NOTE =
  'Fields that are not required may be absent, null or empty. Unknown fields are kept in the archive. At most 64 KiB; strings hold no control characters.';

export function rawFile(type: RawEventType): string {
  return `raw/${type}.json`;
}

/** Path below docs/generated/contracts → JSON Schema. */
export function schemaDocuments(): Map<string, JsonSchema> {
  const raw = Object.entries(RAW_SCHEMAS).map(([type, schema]) =>
    document(rawFile(type as RawEventType).replace('.json', ''), `Raw event ${type}`, RAW_NOTE, schema, 'input'),
  );
  return new Map<string, JsonSchema>([
    ...raw,
    document('alert', 'Alert', 'One record of the alert log: the alert as of that version.', alertRecord, 'output'),
    document('rejected', 'Rejected event', 'What was refused at either door, and why.', rejectedRecord, 'output'),
    document(
      'wall-client',
      'wall.v1, client',
      'Text frames that a client of the wall sends.',
      wallClientMessage,
      'input',
    ),
    document('wall-server', 'wall.v1, server', 'Text frames that the wall sends.', wallServerMessage, 'output'),
  ]);
}
