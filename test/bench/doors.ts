// Both doors, as the outside uses them: settlements in NDJSON over HTTP, what cameras and the registry say straight to Kafka.
import { setTimeout as sleep } from 'node:timers/promises';
import { createProducer, type LogProducer, type OutRecord } from '@yunjian/kafka';
import type { RawEvent } from './city.ts';
import type { BenchStack } from './stack.ts';

export interface Doors {
  /** POST /v1/events, again when ingest asks for that; resolves once all are accepted. @throws Error when one is refused. */
  post(events: readonly RawEvent[]): Promise<void>;
  postBody(body: string, events: number): Promise<void>;
  see(events: readonly RawEvent[]): Promise<void>;
  /** Settlements straight to Kafka. */
  settle(events: readonly RawEvent[]): Promise<void>;
  send(records: OutRecord[]): Promise<void>;
  register(events: readonly RawEvent[]): Promise<void>;
  close(): Promise<void>;
}

export async function openDoors(stack: BenchStack): Promise<Doors> {
  const producer: LogProducer = await createProducer(stack.settings);
  const headers = { authorization: `Bearer ${stack.ingest.api_key}`, 'content-type': 'application/x-ndjson' };
  const postBody = async (body: string, events: number): Promise<void> => {
    const response = await fetch(`${stack.ingest.url}/v1/events`, { method: 'POST', headers, body });
    if (response.status === 503 || response.status === 429) {
      await response.body?.cancel();
      await sleep(1000 * Number(response.headers.get('retry-after') ?? 1));
      return postBody(body, events);
    }
    const answer = (await response.json()) as { accepted?: number };
    if (response.status !== 202 || answer.accepted !== events)
      throw new Error(
        `POST /v1/events answered ${response.status} ${JSON.stringify(answer).slice(0, 400)}, expected 202 with ${events} accepted`,
      );
  };
  const seen = stack.names.raw('surveillance');
  return {
    postBody,
    post: (events) => postBody(linesOf(events), events.length),
    see: async (events) => void (await producer.send(seen, recordsOf(events))),
    settle: async (events) => void (await producer.send(stack.names.raw('settlement'), recordsOf(events))),
    send: async (records) => void (await producer.send(seen, records)),
    register: async (events) => void (await producer.send(stack.names.raw('reference'), recordsOf(events))),
    close: () => producer.close(),
  };
}

export function linesOf(events: readonly RawEvent[]): string {
  return events.map((event) => JSON.stringify(event)).join('\n');
}

export function recordsOf(events: readonly RawEvent[]): OutRecord[] {
  return events.map((event) => ({ key: event.fixmedins_code, value: Buffer.from(JSON.stringify(event)) }));
}
