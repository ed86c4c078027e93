// What a detector's logic is given by whoever runs it: what all see of the lane, and its own tables, timers, parameters and voice.
import type { DetectorId, Finding } from '@yunjian/contracts';
import type { DetectorHost, Raise } from './define.ts';
import type { Described, RuleBook } from './rules.ts';
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
  params: ParameterPorts;
  say(action: Finding['action'], claim: Raise): void;
  count(what: string): void;
}

export interface ParameterPorts {
  rules: Pick<RuleBook, 'generation' | 'uniform'>;
  detector: DetectorId;
  /** Those of its shadow. */
  shadow: boolean;
  /** By an institution's newest registration; null: none is named, or it has none. */
  of(institution: Described | null): unknown;
}

/** Most rules say the same of all institutions: then no registration is looked up. */
function parametersOf({ rules, detector, shadow, of }: ParameterPorts, registry: SharedPorts['registry']) {
  let generation = Number.NaN;
  let uniform: unknown = null;
  return (institution: string | null): unknown => {
    if (generation !== rules.generation) {
      generation = rules.generation;
      uniform = rules.uniform(detector, shadow);
    }
    return uniform ?? of(institution === null ? null : registry.latest(institution));
  };
}

export function createHost(shared: SharedPorts, own: OwnPorts): DetectorHost<never> {
  const { state, tables, timers, count } = own;
  return {
    ...shared,
    table: (name, options) => state.table(tables + name, options),
    attach: (name, rows) => state.attach(tables + name, rows),
    timers,
    params: parametersOf(own.params, shared.registry) as (institution: string | null) => never,
    raise: (claim) => own.say('raise', claim),
    withdraw: (claim) => own.say('withdraw', claim),
    count,
  };
}
