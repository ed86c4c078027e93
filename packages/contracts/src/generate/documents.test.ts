// The generated documents are fresh, and say what the schemas do.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { RawEventType } from '../raw/index.ts';
import { outcome, rawEvent, TYPES } from '../testing.ts';
import { documents, staleDocuments } from './documents.ts';
import { rawFile } from './schemas.ts';

const DIRECTORY = join(import.meta.dirname, '../../../../docs/generated/contracts');
const read = (path: string) => readFileSync(path, 'utf8');

it('stand on disk as the code says now', () => {
  expect(staleDocuments(DIRECTORY, read)).toEqual([]);
  expect(staleDocuments(DIRECTORY, (path) => `${read(path)} `)).toHaveLength(documents().size);
});

describe('JSON Schema', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const validators = new Map(
    TYPES.map((type) => [type, ajv.compile(JSON.parse(documents().get(rawFile(type))!) as object)]),
  );
  const agrees = (type: RawEventType, fields: Record<string, unknown>) => {
    const bySchema = validators.get(type)?.(JSON.parse(JSON.stringify(rawEvent(type, fields))));
    expect([type, fields, bySchema]).toEqual([type, fields, outcome(type, fields) === 'ok']);
  };

  it.each(TYPES)(
    '%s: agrees with the code about what is there, what is missing and what is of a wrong type',
    (type) => {
      agrees(type, {});
      agrees(type, { unknown: { deep: [1] } });
      for (const field of Object.keys(rawEvent(type))) {
        agrees(type, { [field]: undefined });
        agrees(type, { [field]: null });
        agrees(type, { [field]: [{}] });
      }
    },
  );

  it('agrees about forms', () => {
    for (const event_time of ['2026-11-23 10:00:00', '2026-11-2310:00:00', '2026-11-23T02:00:00Z', 'yesterday'])
      agrees('heartbeat', { event_time });
    for (const medfee_sumamt of [1, '1.05', '1.005', 'x', '1e2']) agrees('settlement', { medfee_sumamt });
    for (const fixmedins_code of ['P32110000001', 'X1']) agrees('settlement', { fixmedins_code });
    for (const agent_flag of [0, '1', 2, null]) agrees('settlement', { agent_flag });
    for (const dev_no of ['T1', null]) agrees('settlement', { dev_no });
    for (const action of ['sale', 'adjust', 'steal']) agrees('trace', { action });
  });
});

describe('AsyncAPI and OpenAPI', () => {
  it('refer to nothing that is not there', () => {
    for (const [name, text] of documents()) {
      if (!name.endsWith('.yaml')) continue;
      const root = parseYaml(text) as Record<string, unknown>;
      const references = [...text.matchAll(/\$ref: "?([^"\n]+)"?/g)].map(([, target]) => target as string);
      expect(references.length).toBeGreaterThan(0);
      for (const target of references)
        if (target.startsWith('./')) expect([...documents().keys()]).toContain(target.slice(2));
        else expect([target, pointed(root, target) === undefined]).toEqual([target, false]);
    }
  });

  it('name every raw event in its topic', () => {
    const { channels } = parseYaml(documents().get('asyncapi.yaml')!) as {
      channels: Record<string, { address: string; messages: object }>;
    };
    const named = Object.values(channels).flatMap(({ messages }) => Object.keys(messages));
    expect(named.sort()).toEqual([...TYPES, 'alert', 'rejected'].sort());
    expect(channels['raw-settlement']?.address).toBe('yj.raw.settlement');
  });
});

function pointed(root: unknown, reference: string): unknown {
  return reference
    .slice(2)
    .split('/')
    .reduce((value, step) => (value as Record<string, unknown> | undefined)?.[step], root);
}
