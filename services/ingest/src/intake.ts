// What becomes of the records of one request: accepted into a raw topic, or refused with their issues.
import { type IngestAnswer, type Parsed, parseRawEvent, type Reason, type TopicNames } from '@yunjian/contracts';
import type { Sender } from './keys.ts';
import { collectOutputs, type Outputs, refusedRecord } from './outputs.ts';
import type { Part } from './split.ts';

export interface Intake {
  outputs: Outputs;
  accepted: Map<string, number>;
  rejected: IngestAnswer['rejected'];
  reasons: Reason[];
  /** Records outside the sender's scope: nothing of the request may be accepted. */
  foreign: Foreign[];
}

export interface Foreign {
  index: number;
  /** The field that lies outside. */
  path: 'fixmedins_code' | 'event_type';
}

export interface IntakeOptions {
  names: TopicNames;
  replay: boolean;
  /** ms, the clock that event times are held against. */
  arrival: number;
}

/** Longest stretch without letting others have the event loop, ms. */
const SLICE_MS = 10;

/** Judges every record of a request. Nothing is sent yet. */
export async function examine(parts: readonly Part[], sender: Sender, options: IntakeOptions): Promise<Intake> {
  const intake: Intake = { outputs: collectOutputs(), accepted: new Map(), rejected: [], reasons: [], foreign: [] };
  let until = performance.now() + SLICE_MS;
  for (const [index, part] of parts.entries()) {
    const parsed = judge(part, options);
    if (parsed.ok) {
      const institution = parsed.event.fixmedins_code;
      if (!sender.covers(institution)) intake.foreign.push({ index, path: 'fixmedins_code' });
      else if (!sender.sends(parsed.event.event_type)) intake.foreign.push({ index, path: 'event_type' });
      intake.outputs.add(options.names.raw(parsed.feed), { key: institution, value: part.bytes });
      intake.accepted.set(parsed.feed, (intake.accepted.get(parsed.feed) ?? 0) + 1);
    } else {
      intake.rejected.push({ index, event_id: parsed.eventId, issues: parsed.issues });
      intake.reasons.push(parsed.reason);
      intake.outputs.add(
        options.names.rejected,
        refusedRecord({ ...parsed, origin: null, bytes: part.bytes, arrival: options.arrival }),
      );
    }
    if (performance.now() > until) {
      await new Promise((resolve) => setImmediate(resolve));
      until = performance.now() + SLICE_MS;
    }
  }
  return intake;
}

function judge({ bytes, broken }: Part, { arrival, replay }: IntakeOptions): Parsed {
  if (broken === null) return parseRawEvent(bytes, { arrival, replay, feed: null });
  return { ok: false, reason: 'not_json', issues: [{ path: '', message: broken }], eventId: null };
}

/** Every record of a request that holds foreign ones, as `forbidden`: nothing of it is accepted, nothing of it is lost. */
export function forbidden(parts: readonly Part[], foreign: readonly Foreign[], options: IntakeOptions): Outputs {
  const outputs = collectOutputs();
  const outside = new Map(foreign.map(({ index, path }) => [index, path]));
  for (const [index, { bytes }] of parts.entries()) {
    const path = outside.get(index) ?? '';
    outputs.add(
      options.names.rejected,
      refusedRecord({
        origin: null,
        reason: 'forbidden',
        issues: [{ path, message: MESSAGES[path](foreign[0]?.index ?? 0) }],
        bytes,
        arrival: options.arrival,
      }),
    );
  }
  return outputs;
}

const MESSAGES: Record<Foreign['path'] | '', (first: number) => string> = {
  fixmedins_code: () => "expected an institution within the API key's scope",
  event_type: () => 'expected an event type that the API key may send',
  '': (first) => `refused with its request: record ${first} is outside the API key's scope`,
};
