// How a migration file is cut into statements.
import { expect, it } from 'vitest';
import { statements } from './migrate.ts';

it('ends a statement at a semicolon that ends a line', () => {
  const text = `-- Tables.\nCREATE TABLE a (b String DEFAULT ';');\n\nCREATE TABLE c (d String) -- e; f\nORDER BY d;\n-- done\n`;
  expect(statements(text)).toEqual([
    "-- Tables.\nCREATE TABLE a (b String DEFAULT ';')",
    'CREATE TABLE c (d String) -- e; f\nORDER BY d',
  ]);
});
