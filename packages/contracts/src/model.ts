// The English model: what every service behind the router works with. Times are ms since the epoch (UTC), money integer fen,
// quantities integer ten-thousandths, persons pseudonyms. One interface per kind of lane record.
import type { ColdPart } from './lane/cold.ts';
import type { Feed } from './topics.ts';

/** Where a lane record came from: the raw record, and its place among the records routed from it. Ascending per (feed, partition). */
export interface Origin {
  feed: Feed | 'ledger';
  partition: number;
  offset: number;
  index: number;
}

export interface EventBase<Cold = EventCold> {
  /** The broker's timestamp of the raw record: when the event reached us. */
  arrival: number;
  origin: Origin;
  eventTime: number;
  /** `^[HP]\d{11}$`; in reference events for every institution, a bureau's code. */
  institution: string;
  /** Identity of the document (contract: "A document is identified by …"), 22 characters. */
  document: string;
  /** Content of the document without event_id, source and msgid, 11 characters. Differs under one identity: a conflict. */
  content: string;
  /** What only some readers need; parsed when first asked for. */
  cold: ColdPart<Cold>;
}

export interface EventCold {
  eventId: string;
  source: string;
  /** Fields the contract does not name, personal ones hashed or masked. */
  extra?: Record<string, unknown>;
}

export interface FeeLine {
  line: string;
  item: string;
  name: string | null;
  /** Ten-thousandths. */
  count: number;
  /** Yuan, up to 6 decimals. */
  unitPrice: number;
  amount: number;
  prescriptionDrug: boolean | null;
  days: number | null;
  occurredAt: number | null;
  split: boolean;
  codes: string[];
}

export interface SettlementCold extends EventCold {
  lines: FeeLine[];
  operator: string | null;
  insurance: string | null;
  accountPaid: number | null;
  cashPaid: number | null;
  visit: string | null;
  area: string | null;
  insuredArea: string | null;
  pharmacist: string | null;
}

export interface Settlement extends EventBase<SettlementCold> {
  kind: 'settlement';
  settlementId: string;
  person: string;
  /** 01 e-voucher, 02 ID card, 03 social-security card. */
  certificate: '01' | '02' | '03';
  /** med_type: 11 outpatient, 13 emergency, 14 chronic/special, 21 inpatient, 41 pharmacy … */
  medicalType: string;
  total: number;
  fund: number;
  terminal: string | null;
  byAgent: boolean;
  messageId: string | null;
  prescription: string | null;
  begin: number | null;
  end: number | null;
  diagnosis: string | null;
}

export interface Reversal extends EventBase {
  kind: 'reversal';
  /** The reversal's own id. */
  settlementId: string;
  originalId: string | null;
  originalMessageId: string | null;
  person: string;
  total: number;
  fund: number;
}

export interface EvidenceClip {
  uri: string | null;
  sha256: string | null;
  startsAt: number | null;
  endsAt: number | null;
}
export interface DeviceCold extends EventCold {
  evidence?: EvidenceClip;
}

export interface IdentityCheck extends EventBase<DeviceCold> {
  kind: 'identityCheck';
  device: string;
  result: 'passed' | 'failed' | 'skipped';
  method: 'face' | 'id_card' | 'e_voucher' | 'manual';
  person: string | null;
  terminal: string | null;
  similarity: number | null;
}
export interface Presence extends EventBase<DeviceCold> {
  kind: 'presence';
  device: string;
  persons: number;
  terminal: string | null;
}
export interface StaffPresence extends EventBase {
  kind: 'staffPresence';
  role: 'pharmacist' | 'doctor' | 'nurse';
  present: boolean;
  staff: string | null;
  device: string | null;
}
export interface CameraStatus extends EventBase {
  kind: 'cameraStatus';
  device: string;
  status: 'online' | 'offline' | 'blocked' | 'tampered';
}
export interface Heartbeat extends EventBase {
  kind: 'heartbeat';
  device: string;
}

export interface Trace extends EventBase {
  kind: 'trace';
  action: 'purchase' | 'purchase_return' | 'sale' | 'sale_return' | 'stocktake' | 'adjust';
  item: string;
  /** Ten-thousandths; negative only in `adjust`. */
  count: number;
  code: string | null;
  batch: string | null;
  settlementId: string | null;
  /** mdtrt_setl_type: true insured (1), false self-paid (2). */
  insured: boolean | null;
  split: boolean;
  prescriptionDrug: boolean | null;
}

export interface Counter {
  terminal: string | null;
  /** Null: no camera watches it. */
  device: string | null;
}
export interface Institution
  extends EventBase<EventCold & { name: string; admdvs: string | null; openHours: unknown }> {
  kind: 'institution';
  category: 'hospital' | 'clinic' | 'pharmacy';
  level: string | null;
  grid: string[];
  longitude: number | null;
  latitude: number | null;
  counters: Counter[];
}
/** `index`: the whole quarter's same-period index (同期指标), fen; absent where none is set. */
export interface Budget extends EventBase<EventCold & { index?: number }> {
  kind: 'budget';
  year: number;
  quarter: number;
  amount: number;
  /** Monthly shares in billionths, summing to about 10⁹. */
  weights: [number, number, number] | null;
}
export interface Justification extends EventBase<EventCold & { reason: string; approvedBy: string }> {
  kind: 'justification';
  year: number;
  quarter: number;
  validUntil: number | null;
}
export interface PersonStatus extends EventBase {
  kind: 'personStatus';
  person: string;
  status: 'deceased' | 'suspended' | 'active';
  effectiveAt: number;
}
export interface Drug extends EventBase<EventCold & { name: string }> {
  kind: 'drug';
  item: string;
  prescriptionDrug: boolean | null;
  packSize: number | null;
  maxDays: number | null;
  prefixes: { prefix: string; level: number }[];
}

/** An event as the router reads it, before it is laid into lanes. */
export type YunjianEvent =
  | Settlement
  | Reversal
  | IdentityCheck
  | Presence
  | StaffPresence
  | CameraStatus
  | Heartbeat
  | Trace
  | Institution
  | Budget
  | Justification
  | PersonStatus
  | Drug;

/** Code lane, under the code: one code of one settlement, with the lines that carry it. */
export interface CodeSale extends EventBase {
  kind: 'codeSale';
  code: string;
  settlementId: string;
  messageId: string | null;
  lines: { line: string; item: string; count: number; split: boolean }[];
}
/** Code lane, under (institution, setl_id) and again under (institution, msgid): the codes that a reversal will have to name. */
export interface CodeSettlement extends EventBase {
  kind: 'codeSettlement';
  by: 'settlement' | 'message';
  ref: string;
  settlementId: string;
  codes: string[];
}
/** Code lane, under the settlement or message that a reversal names. */
export interface CodeReversal extends EventBase {
  kind: 'codeReversal';
  by: 'settlement' | 'message';
  ref: string;
  reversalId: string;
}
/**
 * Code lane, under the code, sent by the ledger: this code's sale in that settlement was reversed, or the document that said so lost to
 * another under its identity. Idempotent by (code, original, reversal).
 */
export interface CodeReversed extends EventBase {
  kind: 'codeReversed';
  code: string;
  settlementId: string;
  /** The reversal's own id; of a void the settlement's. */
  reversalId: string;
  /**
   * Null: a reversal. Else the content of the settlement's first document, whose arrival and origin this record bears: a sale of that
   * settlement by a document above it, of another content, does not count.
   */
  voided: string | null;
}
/** Sent by the ledger to every code partition: the institution uploads purchases (first seen in that month). */
export interface PurchasesSeen extends EventBase {
  kind: 'purchasesSeen';
  /** `yyyy-MM`, Asia/Shanghai. */
  month: string;
}

/** In no lane, only among a ledger's rows: the subject was judged at this position though nothing came for it there. */
export interface Judged extends EventBase {
  kind: 'judged';
}

/** How far a router has merged one raw partition into every lane. */
export interface MarkEntry {
  feed: Feed;
  partition: number;
  /** Everything below this raw offset is in the lanes. */
  next: number;
  /** Arrival of the last record read, ticks included, ms. */
  arrival: number;
  /** Arrival of the last record that is no tick; null when there was none yet. */
  lastEvent: number | null;
}
export interface Mark {
  kind: 'mark';
  entries: MarkEntry[];
  /** Number of raw partitions of each feed: a feed's clock is the minimum over all of them. */
  partitions: Record<Feed, number>;
}
/** A change of rules.yaml, laid into every lane partition before anything acts on it. */
export interface RuleChange {
  kind: 'ruleChange';
  /** Hash of what the rules say once they are read: layout and comments are no change. */
  ruleVersion: string;
  rules: unknown;
}

export type LaneEvent = YunjianEvent | CodeSale | CodeSettlement | CodeReversal | CodeReversed | PurchasesSeen | Judged;
export type LaneRecord = LaneEvent | Mark | RuleChange;
export type LaneKind = LaneRecord['kind'];
