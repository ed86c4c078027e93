// Which of ClickHouse's failures pass by waiting, and which are about the data.
import { ClickHouseError } from '@clickhouse/client';

/**
 * Codes of a server that is loaded, starting, without space, memory, network or its replicas: not of the statement and not of the data.
 * Names in ClickHouse's src/Common/ErrorCodes.cpp.
 */
const PASSING_CODES = new Set(
  [
    ['74', '75', '76', '173', '198', '201', '202', '203'],
    ['159', '160', '209', '210', '225', '236', '241', '242', '243', '252'],
    ['279', '285', '286', '319', '394', '425', '439', '473', '499', '999'],
  ].flat(),
);

/** Codes that speak of a value: cannot be parsed, converted or held by its column, or breaks a constraint. */
const DATA_CODES = new Set(
  [
    ['6', '26', '27', '33', '38', '41', '53', '69', '70', '72', '117', '130', '131'],
    ['321', '349', '407', '469', '632', '675', '691', '708'],
  ].flat(),
);

/** Whether waiting may help: no answer, or the answer of a server in trouble. */
export function isPassingFault(error: unknown): boolean {
  if (error instanceof ClickHouseError) return PASSING_CODES.has(error.code);
  // Neither a proxy's page without a code nor a broken connection is any of these; our own mistakes are.
  return error instanceof Error && !['TypeError', 'RangeError', 'SyntaxError', 'ReferenceError'].includes(error.name);
}

/** Whether a row itself was refused: it will never be taken, its neighbours may be. Columns of other types are a fault of the table. */
export function isDataFault(error: unknown): boolean {
  return error instanceof ClickHouseError && DATA_CODES.has(error.code) && !isOfOtherTypes(error);
}

/** Whether rows in RowBinary were written for other types than the table's columns have. */
export function isOfOtherTypes(error: unknown): boolean {
  return error instanceof ClickHouseError && error.message.includes('while reading header');
}
