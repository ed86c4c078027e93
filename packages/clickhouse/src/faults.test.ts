import { ClickHouseError } from '@clickhouse/client';
import { expect, test } from 'vitest';
import { isDataFault, isPassingFault } from './faults.ts';

const answer = (code: string, type: string) => new ClickHouseError({ message: 'no', code, type });

test.each([
  ['too many parts', answer('252', 'TOO_MANY_PARTS')],
  ['out of memory', answer('241', 'MEMORY_LIMIT_EXCEEDED')],
  ['not enough space', answer('243', 'NOT_ENOUGH_SPACE')],
  ['a lost quorum', answer('286', 'UNSATISFIED_QUORUM')],
  ['a refused connection', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
  ['a proxy’s error page', new Error('<html>502 Bad Gateway</html>')],
])('%s passes, and is not the data’s', (_, error) => {
  expect([isPassingFault(error), isDataFault(error)]).toEqual([true, false]);
});

test.each([
  ['an unknown table', answer('60', 'UNKNOWN_TABLE'), false],
  ['a syntax error', answer('62', 'SYNTAX_ERROR'), false],
  ['a wrong password', answer('516', 'AUTHENTICATION_FAILED'), false],
  ['a value of another type', answer('53', 'TYPE_MISMATCH'), true],
  ['a number that is none', answer('72', 'CANNOT_PARSE_NUMBER'), true],
  ['an unknown word of an enum', answer('691', 'UNKNOWN_ELEMENT_OF_ENUM'), true],
  ['our own mistake', new TypeError('cannot serialize a BigInt'), false],
])('%s does not pass', (_, error, data) => {
  expect([isPassingFault(error), isDataFault(error)]).toEqual([false, data]);
});
