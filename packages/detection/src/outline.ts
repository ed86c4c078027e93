// What rules about persons look at first: when and where somebody settled what, without the rest. Most persons are innocent, and for that
// little is enough.
import type { Settlement } from '@yunjian/contracts';

/** Times in ms. */
export interface SettlementOutline {
  eventTime: number;
  institution: string;
  /** med_type */
  medicalType: string;
  byAgent: boolean;
  inPerson: boolean;
  begin: number | null;
  end: number | null;
  lines: readonly LineOutline[];
}

/** `at`: when it was charged, ms; null: not said. `days` for which it was handed out; null: none. */
export interface LineOutline {
  item: string;
  days: number | null;
  at: number | null;
}

export function outlineOf(settlement: Settlement): SettlementOutline {
  const { eventTime, institution, medicalType, byAgent, begin, end, cold } = settlement;
  const lines = cold.get().lines.map(({ item, days, occurredAt }) => ({ item, days, at: occurredAt }));
  return { eventTime, institution, medicalType, byAgent, inPerson: isInPerson(settlement), begin, end, lines };
}

/** Not fetched by somebody else, and no order from home by e-voucher. */
export function isInPerson({ byAgent, certificate, terminal }: Settlement): boolean {
  return !byAgent && !(certificate === '01' && terminal === null);
}

/** A line and the settlement that it stands in. */
export interface OutlinedLine {
  settlement: SettlementOutline;
  line: LineOutline;
}

/** All that was ever said of a person: settlements that were taken back or sent twice are in it. */
export class PersonOutline {
  /** In order of event time; those of one instant in no order that may decide anything. */
  readonly settlements: readonly SettlementOutline[];
  /** Whether somebody said that the person had died, contradicted or not. */
  readonly deceased: boolean;
  #byItem: Map<string, OutlinedLine[]> | null = null;

  constructor(settlements: SettlementOutline[], deceased: boolean) {
    this.settlements = isInOrder(settlements) ? settlements : settlements.sort((a, b) => a.eventTime - b.eventTime);
    this.deceased = deceased;
  }

  /** Lines of each item in the order of their settlements. */
  get byItem(): ReadonlyMap<string, readonly OutlinedLine[]> {
    if (this.#byItem === null) {
      this.#byItem = new Map();
      for (const settlement of this.settlements)
        for (const line of settlement.lines) {
          const known = this.#byItem.get(line.item);
          if (known === undefined) this.#byItem.set(line.item, [{ settlement, line }]);
          else known.push({ settlement, line });
        }
    }
    return this.#byItem;
  }
}

function isInOrder(settlements: readonly SettlementOutline[]): boolean {
  for (let i = 1; i < settlements.length; i++)
    if ((settlements[i - 1] as SettlementOutline).eventTime > (settlements[i] as SettlementOutline).eventTime)
      return false;
  return true;
}
