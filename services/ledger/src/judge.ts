// One batch of a ledger lane: stored, read back, every record judged on the rows below its position and up to it.
import { createHash } from 'node:crypto';
import {
  type CodeReversal,
  type CodeReversed,
  type CodeSettlement,
  ColdPart,
  type Drug,
  digest,
  encodeLane,
  type Finding,
  type Institution,
  isoShanghai,
  type LaneEvent,
  yuan,
} from '@yunjian/contracts';
import { alertId, firstOfEach, type LedgerRow, type LedgerRule, type LedgerVerdict } from '@yunjian/detection';
import { type LedgerHistory, MAX_ROWS, type StoredRow } from './history.ts';
import { ReferenceBook } from './reference.ts';

export interface LedgerInput {
  position: number;
  event: LaneEvent;
  value: Buffer;
}

export interface LedgerOutput {
  findings: Finding[];
  /** Records for the code lane: codes whose sale was reversed, under the code. */
  reversed: { key: string; value: Buffer }[];
}

export interface LedgerOptions {
  lane: 'code' | 'person';
  partition: number;
  history: LedgerHistory;
  rules: readonly LedgerRule[];
}

/** A drug record judges again the sales received this long before it, ms (design: ledger rules). */
const REJUDGED_MS = 48 * 3_600_000;

export class LedgerPartition {
  readonly #options: LedgerOptions;
  readonly #reference = new ReferenceBook();
  readonly #params: Map<string, never>;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#params = new Map(options.rules.map((rule) => [rule.id, rule.params.parse({}) as never]));
  }

  /** Reads what is known of drugs and institutions. Call before the first batch, and again after another owner had the partition. */
  async open(decode: (value: Buffer) => LaneEvent): Promise<void> {
    for (const { position, value } of await this.#options.history.readReference(this.#options.partition))
      this.#reference.take(position, decode(value) as Drug | Institution);
  }

  /** Resolves once the rows are stored; the output must be acknowledged before the lane's offset moves. */
  async process(inputs: readonly LedgerInput[]): Promise<LedgerOutput> {
    const { history, partition } = this.#options;
    const reference = inputs.filter(({ event }) => event.kind === 'drug' || event.kind === 'institution');
    const rows = inputs.flatMap((input) => rowOf(input, this.#options.lane));
    await Promise.all([
      rows.length === 0 ? undefined : history.insert(partition, rows),
      reference.length === 0 ? undefined : history.insertReference(partition, reference),
    ]);
    for (const { position, event } of reference) this.#reference.take(position, event as Drug | Institution);
    if (this.#options.rules.length === 0) return { findings: [], reversed: [] };
    const again = await this.#soldRecently(reference);
    const subjects = [...new Set([...rows.map(({ subject }) => subject), ...again.values()].flat())];
    const histories = await history.read(partition, subjects);
    const output: LedgerOutput = { findings: [], reversed: [] };
    for (const row of rows) {
      const all = histories.get(row.subject) as LedgerRow[];
      if (isReversalMeeting(row.event)) output.reversed.push(...meet(row, all));
      else this.#compare(row.subject, all, row.position, output.findings, 'row');
    }
    for (const [position, codes] of again)
      for (const code of codes)
        this.#compare(code, histories.get(code) as LedgerRow[], position, output.findings, 'reference');
    output.findings.sort((a, b) => a.cause.offset - b.cause.offset);
    const indexes = new Map<number, number>();
    for (const { cause } of output.findings) {
      cause.index = indexes.get(cause.offset) ?? 0;
      indexes.set(cause.offset, cause.index + 1);
    }
    return output;
  }

  async #soldRecently(reference: readonly LedgerInput[]): Promise<Map<number, string[]>> {
    const found = new Map<number, string[]>();
    for (const { position, event } of reference)
      if (event.kind === 'drug')
        found.set(
          position,
          await this.#options.history.soldSince(this.#options.partition, [event.item], event.arrival - REJUDGED_MS),
        );
    return found;
  }

  /** The difference that a position makes: what is said with it and was not said without. */
  #compare(
    subject: string,
    all: readonly LedgerRow[],
    position: number,
    findings: Finding[],
    by: 'row' | 'reference',
  ): void {
    if (all.length > MAX_ROWS) {
      const [last] = all.slice(MAX_ROWS);
      if (last?.position === position) findings.push(this.#overflow(subject, last));
      return;
    }
    const before = firstOfEach(all.filter((row) => row.position < position));
    const after = firstOfEach(all.filter((row) => row.position <= position));
    for (const rule of this.#options.rules) {
      const params = this.#params.get(rule.id) as never;
      const said = rule.verdict(before, this.#reference.asOf(position - 1), params);
      const says = rule.verdict(by === 'row' ? after : before, this.#reference.asOf(position), params);
      const finding = this.#difference(rule, said, says, position);
      if (finding !== null) findings.push(finding);
    }
  }

  #difference(rule: LedgerRule, said: LedgerVerdict, says: LedgerVerdict, position: number): Finding | null {
    if (says === null)
      return said === null
        ? null
        : this.#finding(rule, 'withdraw', { ...said, reason: 'no longer so by what was received since' }, position);
    if (said !== null && JSON.stringify(said) === JSON.stringify(says)) return null;
    return this.#finding(rule, 'raise', says, position);
  }

  #finding(rule: LedgerRule, action: Finding['action'], claim: NonNullable<LedgerVerdict>, position: number): Finding {
    return {
      type: 'finding',
      cause: this.#cause(position),
      action,
      alert_id: alertId({ ...claim, detector: rule.id }),
      detector: rule.id,
      rule_version: digest(JSON.stringify([rule.id, this.#params.get(rule.id)]), 11),
      level: claim.level ?? rule.level,
      fixmedins_code: claim.institution,
      grid: this.#reference.grid(claim.institution, position),
      subject: claim.subject,
      window: { start: isoShanghai(claim.window.start), end: isoShanghai(claim.window.end) },
      event_time: isoShanghai(claim.eventTime),
      amount: claim.amount === null ? null : yuan(claim.amount),
      title: claim.title ?? rule.texts.title,
      facts: claim.facts,
      evidence: claim.evidence,
      reason: claim.reason,
    };
  }

  /** A dummy code, or a person who cannot be one: operational, for whoever runs the system. */
  #overflow(subject: string, { position, event }: LedgerRow): Finding {
    const now = isoShanghai(event.eventTime);
    return {
      type: 'finding',
      cause: this.#cause(position),
      action: 'raise',
      alert_id: `ledger-overflow:${createHash('sha1').update(subject).digest('base64url').slice(0, 22)}`,
      detector: 'ledger-overflow',
      rule_version: 'operational',
      level: 4,
      fixmedins_code: null,
      grid: [],
      subject: { kind: this.#options.lane === 'code' ? 'code' : 'person', ref: subject },
      window: { start: now, end: now },
      event_time: now,
      amount: null,
      title: { zh: '台账主体记录过多,已停止判定', en: 'Too many rows for one ledger subject, no longer judged' },
      facts: { rows: MAX_ROWS },
      evidence: [],
      reason: `more than ${MAX_ROWS} rows`,
    };
  }

  #cause(offset: number): Finding['cause'] {
    return { processor: 'ledger', lane: this.#options.lane, partition: this.#options.partition, offset, index: 0 };
  }
}

function rowOf({ position, event, value }: LedgerInput, lane: 'code' | 'person'): StoredRow[] {
  const subject = subjectOf(event, lane);
  return subject === null ? [] : [{ subject, position, event, value, items: itemsOf(event) }];
}

function subjectOf(event: LaneEvent, lane: 'code' | 'person'): string | null {
  switch (event.kind) {
    case 'codeSale':
    case 'codeReversed':
      return event.code;
    case 'trace':
      return event.code;
    case 'codeSettlement':
    case 'codeReversal':
      return `${event.institution}|${event.by === 'settlement' ? 's' : 'm'}|${event.ref}`;
    case 'settlement':
    case 'reversal':
    case 'personStatus':
      return lane === 'person' ? event.person : null;
    default:
      return null;
  }
}

function itemsOf(event: LaneEvent): string[] {
  if (event.kind === 'codeSale') return [...new Set(event.lines.map(({ item }) => item))];
  return event.kind === 'trace' && event.action === 'sale' ? [event.item] : [];
}

function isReversalMeeting(event: LaneEvent): boolean {
  return event.kind === 'codeSettlement' || event.kind === 'codeReversal';
}

/**
 * What meets under a settlement's key, or under its message's, which passes a reversal on to the settlement's. Where a settlement and its reversal stand, whichever came second tells every code of the settlement.
 * Where two contents stand under one identity, the codes that only the losing one named are told that it does not count.
 */
function meet(row: StoredRow, all: readonly LedgerRow[]): { key: string; value: Buffer }[] {
  const upTo = all.filter(({ position }) => position <= row.position);
  const first = firstOfEach(upTo);
  const settlements = first.filter((event): event is CodeSettlement => event.kind === 'codeSettlement');
  const reversal = first.find((event): event is CodeReversal => event.kind === 'codeReversal');
  const told: { key: string; value: Buffer }[] = [];
  for (const settlement of settlements) {
    if (settlement.by === 'message') {
      if (reversal !== undefined) told.push(relayed(settlement, reversal));
      continue;
    }
    if (reversal !== undefined)
      for (const code of settlement.codes) told.push(codeRecord(code, settlement, reversal.reversalId, reversal, null));
    for (const { event } of upTo)
      if (
        event.kind === 'codeSettlement' &&
        event.document === settlement.document &&
        event.content !== settlement.content
      )
        for (const code of event.codes)
          if (!settlement.codes.includes(code))
            told.push(codeRecord(code, settlement, settlement.settlementId, event, event.content));
  }
  return told;
}

/** A reversal that names a message, laid again under the settlement that the message carried. */
function relayed(settlement: CodeSettlement, reversal: CodeReversal): { key: string; value: Buffer } {
  const { institution, settlementId } = settlement;
  const again: CodeReversal = {
    ...reversal,
    by: 'settlement',
    ref: settlementId,
    origin: { feed: 'ledger', partition: 0, offset: 0, index: 0 },
  };
  return { key: `${institution}|s|${settlementId}`, value: encodeLane(again) };
}

function codeRecord(
  code: string,
  { institution, settlementId }: CodeSettlement,
  reversalId: string,
  by: LaneEvent,
  voided: string | null,
): { key: string; value: Buffer } {
  const identity = `${voided ?? 'r'}|${institution}|${settlementId}|${code}`;
  const reversed: CodeReversed = {
    kind: 'codeReversed',
    arrival: by.arrival,
    eventTime: by.eventTime,
    institution,
    origin: { feed: 'ledger', partition: 0, offset: 0, index: 0 },
    document: digest(identity),
    content: digest(identity, 11),
    code,
    settlementId,
    reversalId,
    voided,
    cold: ColdPart.of({ eventId: '', source: 'ledger' }),
  };
  return { key: code, value: encodeLane(reversed) };
}
