// Values as RowBinary by the type of their column, refused here where ClickHouse would refuse or bend them.
import type { RowBinary } from './row-binary.ts';

/** Writes one value. @throws TypeError when the type does not hold it */
export type ValueWriter = (out: RowBinary, value: unknown) => void;

const INTEGERS: Record<string, { least: number; greatest: number; write: (out: RowBinary, value: number) => void }> = {
  UInt8: { least: 0, greatest: 0xff, write: (out, value) => out.u8(value) },
  UInt16: { least: 0, greatest: 0xffff, write: (out, value) => out.u16(value) },
  UInt32: { least: 0, greatest: 0xffff_ffff, write: (out, value) => out.u32(value) },
  UInt64: { least: 0, greatest: Number.MAX_SAFE_INTEGER, write: (out, value) => out.i64(value) },
  Int64: { least: Number.MIN_SAFE_INTEGER, greatest: Number.MAX_SAFE_INTEGER, write: (out, value) => out.i64(value) },
  // Milliseconds since the epoch.
  "DateTime64(3, 'UTC')": {
    least: Number.MIN_SAFE_INTEGER,
    greatest: Number.MAX_SAFE_INTEGER,
    write: (out, value) => out.i64(value),
  },
};
const UINT128 = 1n << 128n;
/** Bytes of the longest value of fixed length, and of a length. */
const FIXED_BYTES = 32;

/**
 * The writer of a type, written as ClickHouse's system.columns has it. Instants are numbers, ms; 128-bit numbers bigints.
 * @throws Error for a type that is not known here
 */
export function writerOf(type: string): ValueWriter {
  const [, outer = type, inner = ''] = /^(\w+)\((.*)\)$/.exec(type) ?? [];
  switch (outer) {
    case 'LowCardinality':
      return writerOf(inner);
    case 'SimpleAggregateFunction':
      return writerOf(inner.slice(inner.indexOf(',') + 1).trim());
    case 'Nullable':
      return nullable(writerOf(inner));
    case 'Array':
      return array(writerOf(inner));
    case 'FixedString':
      return fixed(Number(inner));
    case 'String':
      return (out, value) =>
        out.text(typeof value === 'string' && value.isWellFormed() ? value : refuse('a well-formed text', value));
    case 'Bool':
      return roomy((out, value) => out.u8(typeof value === 'boolean' ? Number(value) : refuse('true or false', value)));
    case 'Float64':
      return roomy((out, value) => out.f64(typeof value === 'number' ? value : refuse('a number', value)));
    case 'UInt128':
      return roomy((out, value) =>
        out.u128(typeof value === 'bigint' && value >= 0n && value < UINT128 ? value : refuse('128 bits', value)),
      );
    default:
      return integer(type);
  }
}

function integer(type: string): ValueWriter {
  const of = INTEGERS[type];
  if (of === undefined) throw new Error(`column type ${type} cannot be written: expected one of those in column-types`);
  const { least, greatest, write } = of;
  return roomy((out, value) => {
    const fits = Number.isInteger(value) && (value as number) >= least && (value as number) <= greatest;
    write(out, fits ? (value as number) : refuse(`an integer from ${least} to ${greatest}`, value));
  });
}

function nullable(write: ValueWriter): ValueWriter {
  return roomy((out, value) => {
    const none = value === null || value === undefined;
    out.u8(none ? 1 : 0);
    if (!none) write(out, value);
  });
}

function array(write: ValueWriter): ValueWriter {
  return roomy((out, value) => {
    const values = Array.isArray(value) ? value : refuse('an array', value);
    out.size(values.length);
    for (const each of values) write(out, each);
  });
}

function fixed(length: number): ValueWriter {
  return (out, value) => {
    const bytes = Buffer.from(typeof value === 'string' ? value : refuse(`a text of ${length} bytes`, value));
    if (bytes.length !== length) refuse(`a text of ${length} bytes`, value);
    out.room(length);
    out.raw(bytes, 0, length);
  };
}

function roomy(write: ValueWriter): ValueWriter {
  return (out, value) => {
    out.room(FIXED_BYTES);
    write(out, value);
  };
}

function refuse(expected: string, value: unknown): never {
  const shown = typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  throw new TypeError(`expected ${expected}, got ${shown?.slice(0, 200)}`);
}
