// What is kept of settlements, and how a checkpoint writes it: as arrays, since they are many.
import type { Codec, RowObject } from '@yunjian/detection';

/** What stands for a settlement: 0 nothing, 1 verification-unavailable, 2 identity-check-missing. */
export type Verdict = 0 | 1 | 2;

export interface KeptSettlement extends RowObject {
  readonly institution: string;
  readonly id: string;
  readonly messageId: string | null;
  /** Event time, ms. */
  readonly at: number;
  readonly arrival: number;
  readonly person: string;
  readonly terminal: string | null;
  readonly byAgent: boolean;
  /** An order by e-voucher without a terminal: no claim. */
  readonly remote: boolean;
  /** fen */
  readonly fund: number;
  told: Verdict;
  /** Number of checks that identity-mismatch rests on; 0: it does not stand. */
  mismatch: number;
  /** Arrival of the last record that touched the window. */
  touched: number;
  /** By device: arrival of the record that showed the deadline. */
  shown: Record<string, number> | null;
  reversal: { id: string; at: number } | null;
  /** Cameras in whose list of uncovered settlements it stands; null: it is covered, or could make no claim. Built anew on restore. */
  openAt: readonly string[] | null;
  /** Whether a timer is armed for it. Built anew on restore. */
  waiting: boolean;
  /** For which instant of the observed clock, ms; Infinity: for none of it. */
  armed: number;
  /** Whether its evidence is still kept. Set by its house. */
  housed: boolean;
  /** Whether anybody's check may concern it. Set by its house. */
  forAnyCheck: boolean;
}

/** What a settlement says of itself. */
type OfItself = Pick<
  KeptSettlement,
  'institution' | 'id' | 'messageId' | 'at' | 'arrival' | 'person' | 'terminal' | 'byAgent' | 'remote' | 'fund'
>;

/** A settlement of which nothing is said, and nothing has been learnt. */
export function newlyKept(settlement: OfItself): KeptSettlement {
  const { institution, id, messageId, at, arrival, person, terminal, byAgent, remote, fund } = settlement;
  return {
    institution,
    id,
    messageId,
    at,
    arrival,
    person,
    terminal,
    byAgent,
    remote,
    fund,
    told: 0,
    mismatch: 0,
    touched: arrival,
    shown: null,
    reversal: null,
    openAt: null,
    waiting: false,
    armed: Number.POSITIVE_INFINITY,
    housed: false,
    forAnyCheck: false,
    dirty: false,
    gone: false,
  };
}

const [BY_AGENT, REMOTE] = [1, 2];

type PackedSettlement = [
  messageId: string | null,
  at: number,
  /** Behind `at`, ms. */
  arrived: number,
  person: string,
  terminal: string | null,
  flags: number,
  fund: number,
  /** Behind the arrival, ms. */
  touched: number,
  told?: Verdict,
  mismatch?: number,
  shown?: KeptSettlement['shown'],
  reversal?: KeptSettlement['reversal'],
];

/** Under `institution|id`. */
export const settlementCodec: Codec<KeptSettlement> = {
  pack: (settlement) => {
    const { messageId, at, arrival, person, terminal, byAgent, remote, fund } = settlement;
    const { told, mismatch, touched, shown, reversal } = settlement;
    const flags = (byAgent ? BY_AGENT : 0) | (remote ? REMOTE : 0);
    const plain = [messageId, at, arrival - at, person, terminal, flags, fund, touched - arrival];
    const something = told > 0 || mismatch > 0 || shown !== null || reversal !== null;
    return something ? [...plain, told, mismatch, shown, reversal] : plain;
  },
  unpack: (packed, key) => {
    const [messageId, at, arrived, person, terminal, flags, fund, touched, ...rest] = packed as PackedSettlement;
    const [told = 0, mismatch = 0, shown = null, reversal = null] = rest;
    const bar = key.indexOf('|');
    const settlement = newlyKept({
      institution: key.slice(0, bar),
      id: key.slice(bar + 1),
      messageId,
      at,
      arrival: at + arrived,
      person,
      terminal,
      byAgent: (flags & BY_AGENT) !== 0,
      remote: (flags & REMOTE) !== 0,
      fund,
    });
    return Object.assign(settlement, { told, mismatch, touched: at + arrived + touched, shown, reversal });
  },
};

/** Names the timer for which a settlement waits. */
export function timerOf({ institution, id }: KeptSettlement): string {
  return `${institution}|${id}`;
}
