// The one place where national field names become the English model, and where a document's identity and content are taken.
import { digest, joined } from './digest.ts';
import { ColdPart } from './lane/cold.ts';
import type { EvidenceClip, Origin, YunjianEvent } from './model.ts';
import type { Pseudonymiser } from './pseudonym.ts';
import type { RawEvent, RawEventType, RawOf } from './raw/index.ts';
import { KNOWN, LINE_KNOWN, unknownFields } from './unknown-fields.ts';

const DOCUMENT_LENGTH = 22;
const CONTENT_LENGTH = 11;

export interface Arrived {
  arrival: number;
  origin: Origin;
}

type Bare = Omit<YunjianEvent, 'arrival' | 'origin' | 'document' | 'content' | 'eventTime' | 'institution' | 'cold'> &
  Record<string, unknown>;
interface Mapped {
  own: Bare;
  cold: Record<string, unknown>;
  /** Identity of the document where it is not (source, event_id). */
  identity: string | null;
  known: ReadonlySet<string>;
}

/** A validated raw event → the English model, personal fields pseudonymised. */
export function toModel(raw: RawEvent, arrived: Arrived, pseudonymiser: Pseudonymiser): YunjianEvent {
  const mapper = MAP[raw.event_type] as (raw: RawEvent, p: Pseudonymiser) => Mapped;
  const { own, cold, identity, known } = mapper(raw, pseudonymiser);
  const extra = unknownFields(raw, known, pseudonymiser);
  const fields = extra === null ? cold : { ...cold, extra };
  const fieldsJson = JSON.stringify(fields);
  const content = digest(`${JSON.stringify(own)}${fieldsJson}${raw.event_time}${raw.fixmedins_code}`, CONTENT_LENGTH);
  // The mapper made it for this event alone: what is common is added to it, since a copy of so many fields costs more than they do.
  const event: Record<string, unknown> = own;
  if (raw.event_type === 'settlement') event.messageId = raw.msgid;
  event.arrival = arrived.arrival;
  event.origin = arrived.origin;
  event.eventTime = raw.event_time;
  event.institution = raw.fixmedins_code;
  event.document = digest(identity ?? joined('e', raw.source, raw.event_id), DOCUMENT_LENGTH);
  event.content = content;
  event.cold = coldOf({ eventId: raw.event_id, source: raw.source }, fields, fieldsJson);
  return event as unknown as YunjianEvent;
}

/** Joins the two as one JSON object without encoding the larger again. */
function coldOf(envelope: { eventId: string; source: string }, fields: object, fieldsJson: string): ColdPart<unknown> {
  const head = JSON.stringify(envelope);
  const json = fieldsJson === '{}' ? head : `${head.slice(0, -1)},${fieldsJson.slice(1)}`;
  return ColdPart.of({ ...envelope, ...fields }, json);
}

const clip = (
  e: { uri: string | null; sha256: string | null; starts_at: number | null; ends_at: number | null } | null,
) =>
  e === null
    ? {}
    : { evidence: { uri: e.uri, sha256: e.sha256, startsAt: e.starts_at, endsAt: e.ends_at } satisfies EvidenceClip };

const asText = (value: string | number | null) => (value === null ? null : String(value));

function feeLine(line: NonNullable<RawOf<'settlement'>['feedetl']>[number], p: Pseudonymiser) {
  const extra = unknownFields(line, LINE_KNOWN, p);
  return {
    line: line.feedetl_sn,
    item: line.med_list_codg,
    name: line.med_list_name,
    count: line.cnt,
    unitPrice: line.pric,
    amount: line.det_item_fee_sumamt,
    prescriptionDrug: line.rx_flag,
    days: line.prd_days,
    occurredAt: line.fee_ocur_time,
    split: line.trdn_flag ?? false,
    codes: (line.drug_trac_info ?? []).map((code) => code.drug_trac_codg),
    ...(extra === null ? {} : { extra }),
  };
}

const MAP: { [K in RawEventType]: (raw: RawOf<K>, p: Pseudonymiser) => Mapped } = {
  settlement: (raw, p) => ({
    own: {
      kind: 'settlement',
      settlementId: raw.setl_id,
      person: p.person(raw.psn_no),
      certificate: raw.mdtrt_cert_type,
      medicalType: raw.med_type,
      total: raw.medfee_sumamt,
      fund: raw.fund_pay_sumamt,
      terminal: raw.dev_no,
      byAgent: raw.agent_flag ?? false,
      prescription: raw.rxno,
      begin: raw.begntime,
      end: raw.endtime,
      diagnosis: raw.diag_code,
    },
    cold: {
      lines: (raw.feedetl ?? []).map((line) => feeLine(line, p)),
      operator: raw.opter,
      insurance: raw.insutype,
      accountPaid: raw.acct_pay,
      cashPaid: raw.psn_cash_pay,
      visit: raw.mdtrt_id,
      area: raw.mdtrtarea_admvs,
      insuredArea: raw.insuplc_admdvs,
      pharmacist: raw.phar_code,
    },
    identity: `s|${raw.fixmedins_code}|${raw.setl_id}`,
    known: KNOWN.settlement,
  }),
  settlement_reversal: (raw, p) => ({
    own: {
      kind: 'reversal',
      settlementId: raw.setl_id,
      originalId: raw.orig_setl_id,
      originalMessageId: raw.omsgid,
      person: p.person(raw.psn_no),
      total: raw.medfee_sumamt,
      fund: raw.fund_pay_sumamt,
    },
    cold: {},
    identity: `s|${raw.fixmedins_code}|${raw.setl_id}`,
    known: KNOWN.settlement_reversal,
  }),
  identity_check: (raw, p) => ({
    own: {
      kind: 'identityCheck',
      device: raw.device_id,
      result: raw.result,
      method: raw.method,
      person: raw.psn_no === null ? null : p.person(raw.psn_no),
      terminal: raw.dev_no,
      similarity: raw.similarity,
    },
    cold: clip(raw.evidence),
    identity: null,
    known: KNOWN.identity_check,
  }),
  presence: (raw) => ({
    own: { kind: 'presence', device: raw.device_id, persons: raw.persons, terminal: raw.dev_no },
    cold: clip(raw.evidence),
    identity: null,
    known: KNOWN.presence,
  }),
  staff_presence: (raw) => ({
    own: { kind: 'staffPresence', role: raw.role, present: raw.present, staff: raw.staff_code, device: raw.device_id },
    cold: {},
    identity: null,
    known: KNOWN.staff_presence,
  }),
  camera_status: (raw) => ({
    own: { kind: 'cameraStatus', device: raw.device_id, status: raw.status },
    cold: {},
    identity: null,
    known: KNOWN.camera_status,
  }),
  heartbeat: (raw) => ({
    own: { kind: 'heartbeat', device: raw.device_id },
    cold: {},
    identity: null,
    known: KNOWN.heartbeat,
  }),
  trace: (raw) => ({
    own: {
      kind: 'trace',
      action: raw.action,
      item: raw.med_list_codg,
      count: raw.cnt,
      code: raw.drug_trac_codg,
      batch: raw.fixmedins_bchno,
      settlementId: raw.setl_id,
      insured: raw.mdtrt_setl_type === null ? null : String(raw.mdtrt_setl_type) === '1',
      split: raw.trdn_flag ?? false,
      prescriptionDrug: raw.rx_flag,
    },
    cold: { lot: raw.manu_lotnum, supplier: raw.supplier },
    identity: traceIdentity(raw),
    known: KNOWN.trace,
  }),
  institution: (raw, p) => ({
    own: {
      kind: 'institution',
      category: raw.kind,
      level: asText(raw.level),
      grid: raw.grid ?? [],
      longitude: raw.lon,
      latitude: raw.lat,
      counters: (raw.counters ?? []).map((c) => ({ terminal: c.dev_no, device: c.device_id })),
    },
    cold: { name: raw.name, admdvs: asText(raw.admdvs), openHours: p.maskWithin(raw.open_hours ?? null) },
    identity: null,
    known: KNOWN.institution,
  }),
  budget: (raw) => ({
    own: {
      kind: 'budget',
      year: raw.year,
      quarter: raw.quarter,
      amount: raw.amount,
      weights: raw.weights === null ? null : raw.weights.map((w) => Math.round(w * 1e9)),
    },
    cold: raw.index === null ? {} : { index: raw.index },
    identity: null,
    known: KNOWN.budget,
  }),
  justification: (raw) => ({
    own: { kind: 'justification', year: raw.year, quarter: raw.quarter, validUntil: raw.valid_until },
    cold: { reason: raw.reason, approvedBy: raw.approved_by },
    identity: null,
    known: KNOWN.justification,
  }),
  person_status: (raw, p) => ({
    own: { kind: 'personStatus', person: p.person(raw.psn_no), status: raw.status, effectiveAt: raw.effective_at },
    cold: {},
    identity: null,
    known: KNOWN.person_status,
  }),
  drug: (raw) => ({
    own: {
      kind: 'drug',
      item: raw.med_list_codg,
      prescriptionDrug: raw.rx_flag,
      packSize: raw.pack_size,
      maxDays: raw.max_days,
      prefixes: (raw.prefixes ?? []).map(({ prefix, level }) => ({ prefix, level })),
    },
    cold: { name: raw.name },
    identity: null,
    known: KNOWN.drug,
  }),
};

/** A trace event that carries a code and a settlement or a batch is the same document whatever event it came in. */
function traceIdentity(raw: RawOf<'trace'>): string | null {
  if (raw.drug_trac_codg === null) return null;
  const head = ['t', raw.fixmedins_code, raw.action, raw.drug_trac_codg];
  if (raw.setl_id !== null) return joined(...head, 's', raw.setl_id);
  return raw.fixmedins_bchno === null ? null : joined(...head, 'b', `${raw.fixmedins_bchno}|${raw.event_time}`);
}
