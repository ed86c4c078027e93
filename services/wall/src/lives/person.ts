// What a person's ledger holds as one list: settlements with what undid them, reversals with what they undo, the person's status.
import {
  isoShanghai,
  type LaneEvent,
  type PersonEvent,
  type PersonHistory,
  type PersonStatus,
  type Reversal,
  type Settlement,
  yuan,
} from '@yunjian/contracts';
import type { Placed } from './paging.ts';

export interface Person {
  status: PersonHistory['status'];
  net: PersonHistory['net'];
  events: Placed<PersonEvent>[];
}

const ONE = 10_000;

/** @param documents the person's history, one event per document */
export function personOf(documents: readonly LaneEvent[]): Person {
  const settlements = documents.filter((d): d is Settlement => d.kind === 'settlement');
  const reversals = documents.filter((d): d is Reversal => d.kind === 'reversal');
  const statuses = documents.filter((d): d is PersonStatus => d.kind === 'personStatus');
  const original = originals(settlements);
  const undoneBy = new Map<Settlement, Reversal>();
  for (const reversal of reversals) {
    const settlement = original(reversal);
    if (settlement !== null && !undoneBy.has(settlement)) undoneBy.set(settlement, reversal);
  }
  const fund = [...settlements, ...reversals].reduce((sum, document) => sum + document.fund, 0);
  return {
    status: statuses.reduce<PersonStatus | null>(later, null)?.status ?? null,
    net: { settlements: settlements.length - undoneBy.size, fund_pay_sumamt: yuan(fund) },
    events: [
      ...settlements.map((each) => placed(each, settlementOf(each, undoneBy.get(each) ?? null))),
      ...reversals.map((each) => placed(each, reversalOf(each, original(each)))),
      ...statuses.map((each) => placed(each, statusOf(each))),
    ],
  };
}

/** Reversals name a settlement by its id, or by the message that carried it. */
function originals(settlements: readonly Settlement[]): (reversal: Reversal) => Settlement | null {
  const byId = new Map(settlements.map((each) => [`${each.institution}|${each.settlementId}`, each]));
  const byMessage = new Map(settlements.map((each) => [`${each.institution}|${each.messageId}`, each]));
  return ({ institution, originalId, originalMessageId }) =>
    (originalId === null
      ? byMessage.get(`${institution}|${originalMessageId}`)
      : byId.get(`${institution}|${originalId}`)) ?? null;
}

function later(known: PersonStatus | null, next: PersonStatus): PersonStatus {
  return known === null || next.eventTime >= known.eventTime ? next : known;
}

function settlementOf(settlement: Settlement, undoneBy: Reversal | null): PersonEvent {
  return {
    event_type: 'settlement',
    event_time: isoShanghai(settlement.eventTime),
    fixmedins_code: settlement.institution,
    setl_id: settlement.settlementId,
    med_type: settlement.medicalType,
    medfee_sumamt: yuan(settlement.total),
    fund_pay_sumamt: yuan(settlement.fund),
    begntime: settlement.begin === null ? null : isoShanghai(settlement.begin),
    endtime: settlement.end === null ? null : isoShanghai(settlement.end),
    diag_code: settlement.diagnosis,
    rxno: settlement.prescription,
    dev_no: settlement.terminal,
    agent_flag: settlement.byAgent ? 1 : 0,
    lines: settlement.cold.get().lines.map((line) => ({
      feedetl_sn: line.line,
      med_list_codg: line.item,
      med_list_name: line.name,
      cnt: line.count / ONE,
      det_item_fee_sumamt: yuan(line.amount),
      prd_days: line.days,
      drug_trac_codg: line.codes,
    })),
    reversed_by: undoneBy === null ? null : refOf(undoneBy),
  };
}

function reversalOf(reversal: Reversal, original: Settlement | null): PersonEvent {
  return {
    event_type: 'settlement_reversal',
    event_time: isoShanghai(reversal.eventTime),
    fixmedins_code: reversal.institution,
    setl_id: reversal.settlementId,
    medfee_sumamt: yuan(reversal.total),
    fund_pay_sumamt: yuan(reversal.fund),
    reverses: original === null ? null : refOf(original),
  };
}

function statusOf({ eventTime, status, effectiveAt }: PersonStatus): PersonEvent {
  return {
    event_type: 'person_status',
    event_time: isoShanghai(eventTime),
    status,
    effective_at: isoShanghai(effectiveAt),
  };
}

function refOf({ settlementId, eventTime }: Settlement | Reversal) {
  return { setl_id: settlementId, event_time: isoShanghai(eventTime) };
}

function placed(event: LaneEvent, value: PersonEvent): Placed<PersonEvent> {
  return { at: event.eventTime, key: `${event.kind} ${event.document}`, value };
}
