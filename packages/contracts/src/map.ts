// The one place where national field names become the English model, and where a document's identity and content are taken.
import { digest } from './digest.ts';
import { ColdPart } from './lane/cold.ts';
import type { EvidenceClip, Origin, YunjianEvent } from './model.ts';
import type { Pseudonymiser } from './pseudonym.ts';
import type { RawEvent, RawEventType, RawOf } from './raw/index.ts';

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
  const content = digest(JSON.stringify([own, fields, raw.event_time, raw.fixmedins_code]), CONTENT_LENGTH);
  const messageId = raw.event_type === 'settlement' ? { messageId: raw.msgid } : {};
  return {
    ...own,
    ...messageId,
    arrival: arrived.arrival,
    origin: arrived.origin,
    eventTime: raw.event_time,
    institution: raw.fixmedins_code,
    document: digest(identity ?? `e|${raw.source}|${raw.event_id}`, DOCUMENT_LENGTH),
    content,
    cold: ColdPart.of({ eventId: raw.event_id, source: raw.source, ...fields }),
  } as unknown as YunjianEvent;
}

/** Known fields of what is nested in an event; a fee line has its own list. */
const NESTED_KNOWN: Readonly<Record<string, ReadonlySet<string>>> = {
  evidence: new Set(['uri', 'sha256', 'starts_at', 'ends_at']),
  counters: new Set(['dev_no', 'device_id']),
  prefixes: new Set(['prefix', 'code_prefix', 'level']),
  drug_trac_info: new Set(['drug_trac_codg']),
};

/** What the contract does not name, personal fields hashed or masked; null when there is nothing. */
function unknownFields(raw: object, known: ReadonlySet<string>, p: Pseudonymiser): Record<string, unknown> | null {
  const extra: [string, unknown][] = [];
  for (const name in raw) {
    const value = (raw as Record<string, unknown>)[name];
    if (known.has(name)) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(NESTED_KNOWN, name)) continue;
      const nested = nestedUnknown(value, NESTED_KNOWN[name] as ReadonlySet<string>, p);
      if (nested !== null) extra.push([name, nested]);
    } else extra.push([name, value]);
  }
  return extra.length === 0 ? null : p.mask(Object.fromEntries(extra));
}

function nestedUnknown(value: object, known: ReadonlySet<string>, p: Pseudonymiser): unknown {
  if (!Array.isArray(value)) return unknownFields(value, known, p);
  const each = value.map((item: object) => unknownFields(item, known, p));
  return each.every((item) => item === null) ? null : each;
}

const ENVELOPE = ['event_id', 'event_type', 'event_time', 'source', 'fixmedins_code'];
const fields = (...names: string[]) => new Set([...ENVELOPE, ...names]);
const clip = (
  e: { uri: string | null; sha256: string | null; starts_at: number | null; ends_at: number | null } | null,
) =>
  e === null
    ? {}
    : { evidence: { uri: e.uri, sha256: e.sha256, startsAt: e.starts_at, endsAt: e.ends_at } satisfies EvidenceClip };

const KNOWN = {
  settlement: fields(
    'setl_id',
    'psn_no',
    'mdtrt_cert_type',
    'med_type',
    'medfee_sumamt',
    'fund_pay_sumamt',
    'insutype',
    'acct_pay',
    'psn_cash_pay',
    'dev_no',
    'opter',
    'mdtrt_id',
    'msgid',
    'mdtrtarea_admvs',
    'insuplc_admdvs',
    'begntime',
    'endtime',
    'diag_code',
    'rxno',
    'phar_code',
    'agent_flag',
    'feedetl',
  ),
  settlement_reversal: fields(
    'setl_id',
    'orig_setl_id',
    'omsgid',
    'psn_no',
    'medfee_sumamt',
    'fund_pay_sumamt',
    'refd_setl_flag',
    'msgid',
  ),
  identity_check: fields('device_id', 'result', 'method', 'psn_no', 'dev_no', 'similarity', 'evidence'),
  presence: fields('device_id', 'persons', 'dev_no', 'evidence'),
  staff_presence: fields('role', 'present', 'staff_code', 'device_id'),
  camera_status: fields('device_id', 'status'),
  heartbeat: fields('device_id'),
  trace: fields(
    'action',
    'med_list_codg',
    'cnt',
    'drug_trac_codg',
    'fixmedins_bchno',
    'setl_id',
    'mdtrt_setl_type',
    'trdn_flag',
    'rx_flag',
    'manu_lotnum',
    'supplier',
  ),
  institution: fields('name', 'kind', 'level', 'admdvs', 'grid', 'lon', 'lat', 'open_hours', 'counters'),
  budget: fields('year', 'quarter', 'amount', 'weights'),
  justification: fields('year', 'quarter', 'reason', 'approved_by', 'valid_until'),
  person_status: fields('psn_no', 'status', 'effective_at'),
  drug: fields('med_list_codg', 'name', 'rx_flag', 'pack_size', 'max_days', 'prefixes'),
};
const LINE_KNOWN = new Set([
  'feedetl_sn',
  'med_list_codg',
  'cnt',
  'pric',
  'det_item_fee_sumamt',
  'med_list_name',
  'rx_flag',
  'prd_days',
  'fee_ocur_time',
  'trdn_flag',
  'drug_trac_info',
]);

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
  institution: (raw) => ({
    own: {
      kind: 'institution',
      category: raw.kind,
      level: asText(raw.level),
      grid: raw.grid ?? [],
      longitude: raw.lon,
      latitude: raw.lat,
      counters: (raw.counters ?? []).map((c) => ({ terminal: c.dev_no, device: c.device_id })),
    },
    cold: { name: raw.name, admdvs: asText(raw.admdvs), openHours: raw.open_hours ?? null },
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
    cold: {},
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
  const head = `t|${raw.fixmedins_code}|${raw.action}|${raw.drug_trac_codg}`;
  if (raw.setl_id !== null) return `${head}|s|${raw.setl_id}`;
  return raw.fixmedins_bchno === null ? null : `${head}|b|${raw.fixmedins_bchno}|${raw.event_time}`;
}
