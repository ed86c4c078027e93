// A box's life and a person's history as the page reads them, and as the lines that it shows.
import { money } from './format.ts';
import type { Texts } from './i18n.ts';

export interface BoxEvent {
  event_time: string;
  action: string;
  fixmedins_code: string;
  setl_id: string | null;
  channels: string[];
  manu_lotnum: string | null;
  supplier: string | null;
  insured: boolean | null;
  status: 'counted' | 'reversed' | 'returned' | 'superseded' | null;
  counterpart: string | null;
}

export interface BoxLife {
  code: string;
  name: string | null;
  net_sales: number;
  truncated: boolean;
  events: BoxEvent[];
  next_cursor: string | null;
}

export interface PersonEvent {
  event_type: 'settlement' | 'settlement_reversal' | 'person_status';
  event_time: string;
  fixmedins_code?: string;
  setl_id?: string;
  med_type?: string;
  fund_pay_sumamt?: string;
  diag_code?: string | null;
  agent_flag?: 0 | 1;
  lines?: { med_list_codg: string; med_list_name: string | null }[];
  reversed_by?: { setl_id: string } | null;
  reverses?: { setl_id: string } | null;
  status?: string;
}

export interface PersonHistory {
  person: string;
  status: string | null;
  net: { settlements: number; fund_pay_sumamt: string };
  truncated: boolean;
  events: PersonEvent[];
  next_cursor: string | null;
}

/** One event as a line of the panel. */
export interface LifeLine {
  at: string;
  /** Names its colour: what adds, what takes back, what stands beside. */
  tone: 'in' | 'out' | 'undone' | 'plain';
  what: string;
  institution: string | null;
  ref: string | null;
  /** What became of it. */
  fate: string | null;
  more: string[];
}

export function boxLine(event: BoxEvent, { life }: Texts): LifeLine {
  const undone = event.status !== null && event.status !== 'counted';
  const tone = undone ? 'undone' : event.action === 'purchase' ? 'in' : event.action === 'sale' ? 'out' : 'plain';
  const fate = event.status === null ? null : life.fates[event.status];
  return {
    at: event.event_time,
    tone,
    what: life.boxActions[event.action] ?? event.action,
    institution: event.fixmedins_code,
    ref: event.setl_id,
    fate: event.action === 'reversal' ? null : fate,
    more: [
      event.counterpart === null ? null : life.counterpart(event.counterpart),
      event.channels.length === 2 ? life.bothChannels : null,
      event.insured === false ? life.selfPaid : null,
      event.manu_lotnum === null ? null : `${life.lot} ${event.manu_lotnum}`,
      event.supplier,
    ].filter((part) => part !== null),
  };
}

export function personLine(event: PersonEvent, { life }: Texts): LifeLine {
  const status = event.event_type === 'person_status';
  const counterpart = event.reversed_by ?? event.reverses ?? null;
  const undone = event.reversed_by != null;
  const drugs = event.lines?.map((line) => line.med_list_name ?? line.med_list_codg) ?? [];
  return {
    at: event.event_time,
    tone: undone ? 'undone' : event.event_type === 'settlement' ? 'out' : 'plain',
    what: status
      ? (life.statuses[event.status ?? ''] ?? event.status ?? '')
      : (life.personActions[event.event_type] ?? ''),
    institution: event.fixmedins_code ?? null,
    ref: event.setl_id ?? null,
    fate: undone ? life.fates.reversed : null,
    more: [
      event.fund_pay_sumamt === undefined ? null : money(event.fund_pay_sumamt),
      event.med_type === undefined ? null : (life.visits[event.med_type] ?? event.med_type),
      event.agent_flag === 1 ? life.byAgent : null,
      event.diag_code ?? null,
      counterpart === null ? null : life.counterpart(counterpart.setl_id),
      drugs.length === 0
        ? null
        : drugs.slice(0, SHOWN_DRUGS).join(life.comma) + (drugs.length > SHOWN_DRUGS ? ' …' : ''),
    ].filter((part) => part !== null),
  };
}

const SHOWN_DRUGS = 4;
