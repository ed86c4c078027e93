// What a detector's logic is given by whoever runs it: what all see of the lane, and its own tables, timers, parameters and voice.
import type { Finding } from '@yunjian/contracts';
import type { DetectorHost, Raise } from './define.ts';
import type { Described } from './rules.ts';
import type { KeyedState } from './state.ts';

/** The same for every logic of a lane, which reads it and changes nothing there. */
export type SharedPorts = Pick<
  DetectorHost<never>,
  'partition' | 'clocks' | 'registry' | 'devices' | 'catalogue' | 'reversals' | 'common'
>;

export interface OwnPorts {
  state: KeyedState;
  /** What the names of its tables begin with. */
  tables: string;
  timers: DetectorHost<never>['timers'];
  /** By an institution's newest registration; null: none is named, or it has none. */
  params(institution: Described | null): unknown;
  say(action: Finding['action'], claim: Raise): void;
  count(what: string): void;
}

export function createHost(shared: SharedPorts, own: OwnPorts): DetectorHost<never> {
  const { state, tables, timers, count } = own;
  return {
    ...shared,
    table: (name, options) => state.table(tables + name, options),
    attach: (name, rows) => state.attach(tables + name, rows),
    timers,
    params: (institution) => own.params(institution === null ? null : shared.registry.latest(institution)) as never,
    raise: (claim) => own.say('raise', claim),
    withdraw: (claim) => own.say('withdraw', claim),
    count,
  };
}
