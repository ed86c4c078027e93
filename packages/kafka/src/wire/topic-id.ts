// Metadata request and response in version 12 (Kafka 2.8 and later): kafkajs 2.2.4 ends at version 6, which knows no ids of topics.
// Layout: https://kafka.apache.org/protocol#The_Messages_Metadata
import { createRequire } from 'node:module';
import { connect, type KafkaSettings } from '../connection.ts';

const [METADATA_API_KEY, METADATA_VERSION] = [3, 12];
const ID_BYTES = 16;
/** For the connection, and for the answer. */
const TIMEOUT_MS = 5_000;
const require = createRequire(import.meta.url);
const Connection = require('kafkajs/src/network/connection');
const createSocketFactory = require('kafkajs/src/network/socketFactory');
const Decoder = require('kafkajs/src/protocol/decoder');
const { createErrorFromCode, failure } = require('kafkajs/src/protocol/error');

/**
 * Asks one broker (host:port), over a connection of its own.
 * @returns base64url of the 16 bytes of the topic's id
 * @throws the library's errors, as its own requests do
 */
export async function askTopicId(settings: KafkaSettings, broker: string, topic: string): Promise<string> {
  const colon = broker.lastIndexOf(':');
  const connection = new Connection({
    host: broker.slice(0, colon),
    port: Number(broker.slice(colon + 1)),
    clientId: settings.clientId,
    logger: connect(settings).logger(),
    socketFactory: createSocketFactory(),
    connectionTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
  });
  await connection.connect();
  try {
    return await connection.send({
      request: {
        apiKey: METADATA_API_KEY,
        apiVersion: METADATA_VERSION,
        apiName: 'Metadata',
        encode: async () => {
          const payload = encodeRequest(topic);
          // What the library asks of an encoder that it appends.
          return { buf: payload, buffer: payload };
        },
      },
      response: { decode: async (payload: Buffer) => decodeTopicId(payload), parse: async (id: string) => id },
    });
  } finally {
    await connection.disconnect();
  }
}

/** End of the header, one topic by name (its id is zeros), no creation, no authorised operations, no tagged fields. */
function encodeRequest(topic: string): Buffer {
  const name = Buffer.from(topic);
  return Buffer.concat([
    Buffer.from([0, 2]),
    Buffer.alloc(ID_BYTES),
    unsignedVarInt(name.length + 1),
    name,
    Buffer.from([0, 0, 0, 0]),
  ]);
}

function unsignedVarInt(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  return Buffer.from([...bytes, left]);
}

/** Up to the first topic's id; what follows it is of no interest here. */
function decodeTopicId(payload: Buffer): string {
  const decoder = new Decoder(payload);
  decoder.readTaggedFields();
  decoder.readInt32();
  decoder.readUVarIntArray(skipBroker);
  decoder.readUVarIntString();
  decoder.readInt32();
  decoder.readUVarInt();
  const error: number = decoder.readInt16();
  if (failure(error)) throw createErrorFromCode(error);
  decoder.readUVarIntString();
  return (decoder.readBytes(ID_BYTES) as Buffer).toString('base64url');
}

function skipBroker(decoder: {
  readInt32(): number;
  readUVarIntString(): string | null;
  readTaggedFields(): unknown;
}): void {
  decoder.readInt32();
  decoder.readUVarIntString();
  decoder.readInt32();
  decoder.readUVarIntString();
  decoder.readTaggedFields();
}
