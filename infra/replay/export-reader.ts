// Reads a foreign export: CSV or NDJSON rows, with its look-up files loaded and joined.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parse } from 'csv-parse';
import type { JoinedRow, Mapping, Row } from './mapping.ts';

/** Rows of a file by its ending: .csv, else NDJSON. Values are text. */
async function* rowsOf(file: string): AsyncGenerator<Row> {
  if (file.endsWith('.csv')) {
    yield* createReadStream(file).pipe(
      parse({ columns: true, bom: true, skip_empty_lines: true, relax_column_count: true }),
    );
    return;
  }
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') yield flatten(JSON.parse(line) as Record<string, unknown>);
  }
}

/** Nested objects become `outer.inner` columns, so that a mapping names them as it names a CSV's. */
function flatten(value: Record<string, unknown>, prefix = '', into: Row = {}): Row {
  for (const [name, item] of Object.entries(value)) {
    if (typeof item === 'object' && item !== null && !Array.isArray(item))
      flatten(item as Record<string, unknown>, `${prefix}${name}.`, into);
    else if (item !== null && item !== undefined)
      into[`${prefix}${name}`] = typeof item === 'string' ? item : JSON.stringify(item);
  }
  return into;
}

/** Every row of the export, joined as the mapping says. Look-up files lie beside the export. */
export async function* readExport(file: string, mapping: Mapping): AsyncGenerator<JoinedRow> {
  const files = new Map<string, Map<string, Row>>();
  for (const [name, spec] of Object.entries(mapping.files))
    files.set(name, await lookUpFile(path.resolve(path.dirname(file), spec.file), spec.key));
  let number = 0;
  for await (const own of rowsOf(file)) {
    const joined: Record<string, Row | undefined> = {};
    for (const [name, on] of Object.entries(mapping.join)) {
      const dot = on.indexOf('.');
      const key = dot < 0 ? own[on] : joined[on.slice(0, dot)]?.[on.slice(dot + 1)];
      joined[name] = key === undefined ? undefined : files.get(name)?.get(key);
    }
    yield { number: ++number, own, joined };
  }
}

async function lookUpFile(file: string, key: string): Promise<Map<string, Row>> {
  await readFile(file).catch(() => {
    throw new Error(`the mapping joins ${file}, which cannot be read: put it beside the export`);
  });
  const rows = new Map<string, Row>();
  for await (const row of rowsOf(file)) {
    const id = row[key];
    if (id === undefined) throw new Error(`${file} has no column ${key}, which the mapping names as its key`);
    rows.set(id, row);
  }
  return rows;
}
