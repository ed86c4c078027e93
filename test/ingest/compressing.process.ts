// Process: a producer of somebody else's that sends one value once with each codec of Kafka, then a batch of it and one record that are
// large unpacked, by the bare library.
// Usage: compressing.process.ts <broker> <topic> <value>.
import { zstdCompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';

const { CompressionCodecs, CompressionTypes } = kafkajs;
const [MANY, LARGE] = [10_000, 3 * 1024 * 1024];
const [broker = '', topic = '', value = ''] = process.argv.slice(2);
const codec = (compress: (bytes: Buffer) => Buffer) => () => ({
  compress: async ({ buffer }: { buffer: Buffer }) => compress(buffer),
  decompress: async (bytes: Buffer) => bytes,
});
CompressionCodecs[CompressionTypes.ZSTD] = codec(zstdCompressSync);
CompressionCodecs[CompressionTypes.Snappy] = codec(snappy);
CompressionCodecs[CompressionTypes.LZ4] = codec(lz4);

const kafka = new kafkajs.Kafka({ brokers: [broker], clientId: 'compressing', logLevel: kafkajs.logLevel.NOTHING });
const producer = kafka.producer({ allowAutoTopicCreation: false });
await producer.connect();
for (const compression of [CompressionTypes.GZIP, CompressionTypes.Snappy, CompressionTypes.LZ4, CompressionTypes.ZSTD])
  await producer.send({ topic, compression, messages: [{ value }] });
const many = Array.from({ length: MANY }, () => ({ value }));
await producer.send({ topic, compression: CompressionTypes.GZIP, messages: many });
await producer.send({ topic, compression: CompressionTypes.GZIP, messages: [{ value: value.padEnd(LARGE) }] });
await producer.disconnect();

/** A length and literals of at most 60 bytes: Snappy that saves nothing. */
function snappy(bytes: Buffer): Buffer {
  const parts = [];
  let length = bytes.length;
  for (; length > 127; length >>>= 7) parts.push(Buffer.from([(length & 127) | 128]));
  parts.push(Buffer.from([length]));
  for (let at = 0; at < bytes.length; at += 60) {
    const literal = bytes.subarray(at, at + 60);
    parts.push(Buffer.from([(literal.length - 1) << 2]), literal);
  }
  return Buffer.concat(parts);
}

/** A frame of one block that is stored as it is; the byte before it is the checksum of the two that describe the frame. */
function lz4(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE((bytes.length | 0x8000_0000) >>> 0);
  return Buffer.concat([Buffer.from('04224d18607073', 'hex'), size, bytes, Buffer.alloc(4)]);
}
