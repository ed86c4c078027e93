// excess-supply: more of a drug than may be handed out at once, or than is left over.
import { type FeeLine, isoShanghai } from '@yunjian/contracts';
import { defineLedgerRule, type LedgerReference, type SettlementOutline } from '@yunjian/detection';
import { z } from 'zod';
import { daysBetween, isKeptAt, keyOf, personClaim, type Settled, settledOf } from '../person-history.ts';
import { isVisit } from '../treatment.ts';

const CHRONIC = '14';

const params = z.object({
  days: z
    .int()
    .min(1)
    .default(7)
    .describe('Days of supply that one line may hold, days. Source: 处方管理办法 art. 19 (domain.md §4).'),
  chronicDays: z
    .int()
    .min(1)
    .default(90)
    .describe('The same for registered chronic patients (med_type 14), days. Source: domain.md §4.'),
  spareDays: z
    .int()
    .min(0)
    .default(15)
    .describe('Days that may be in hand above the limit after a line, days. Source: detectors.md.'),
});
type Params = z.output<typeof params>;

/** Of what is still in hand the latest supplies are named. */
const MOST_EARLIER = 20;

interface Supply {
  settled: Settled;
  line: FeeLine & { days: number };
  limit: number;
}

export const detector = defineLedgerRule({
  id: 'excess-supply',
  lane: 'person',
  inputs: ['settlement', 'reversal', 'drug'],
  growsWith: ['settlement'],
  params,
  level: 3,
  claimsAbsence: false,
  texts: {
    title: { zh: '超量开药', en: 'Excess supply' },
    explanation: {
      zh: '一次开出的用药天数超过限额(普通 7 天、门诊慢特病 90 天,药品另有规定的从其规定),或加上手中尚未用完的同种药品,超过限额再加 15 天:可能转卖药品或囤药。',
      en: 'One line holds more days of a drug than allowed (7, for chronic patients 90, or the drug’s own limit), or together with what is still in hand more than the limit and 15 days: drugs may be hoarded or sold on.',
    },
    measures: [
      { zh: '提醒开方医师或药店核对剩余药量', en: 'Remind prescriber or pharmacy to ask what is left' },
      { zh: '超量部分不予支付并追回', en: 'Refuse and recover what is above the limit' },
      { zh: '涉嫌倒卖医保药品的移送公安机关', en: 'Refer suspected resale of drugs to the police' },
    ],
    basis: {
      zh: '《处方管理办法》第十九条;《医疗保障基金使用监督管理条例》第十五条、第十七条(超量开药、转卖药品)',
      en: 'Prescription Administration Measures, art. 19; Regulations on the Supervision of Medical Security Funds, art. 15 and 17',
    },
    runbook: {
      zh: '核对用药天数是否录入有误(例如按片数录入);长期处方的,核对慢特病备案。',
      en: 'See whether the days were entered wrongly (tablets instead of days). For a long prescription check the registration as a chronic patient.',
    },
  },
  isSilent: (person, reference, settings) => {
    for (const [item, lines] of person.byItem) {
      const ownLimit = reference.drug(item)?.maxDays ?? null;
      const running = new InHand();
      let last: SettlementOutline | null = null;
      for (const { settlement, line } of lines) {
        if (!isVisit(settlement) || line.days === null || line.days <= 0) continue;
        // Of two at one instant another order may be judged.
        if (last !== null && last !== settlement && last.eventTime === settlement.eventTime) return false;
        last = settlement;
        const limit = ownLimit ?? generalLimit(settlement, settings);
        const inHand = running.add(line.days, settlement.eventTime);
        if (line.days > limit || inHand > limit + settings.spareDays) return false;
      }
    }
    return true;
  },
  claims: (documents, reference, settings) => {
    const supplies: Supply[] = [];
    for (const settled of settledOf(documents)) addSupplies(supplies, settled, reference, settings);
    const byItem = Map.groupBy(supplies, ({ line }) => line.item);
    const found = [...byItem.values()].flatMap((list) => excessOf(list, settings));
    return [...Map.groupBy(found, ({ supply }) => keyOf(supply.settled.settlement)).values()].map((excesses) => {
      const [{ supply: first }] = excesses as [Excess, ...Excess[]];
      return personClaim({
        settled: first.settled,
        others: [...new Set(excesses.flatMap(({ earlier }) => earlier))],
        facts: {
          lines: excesses.map(({ supply: { line, limit }, inHand }) => ({
            line: line.line,
            item: line.item,
            name: line.name,
            days: line.days,
            limit_days: limit,
            in_hand_days: inHand,
          })),
          settled_at: isoShanghai(first.settled.settlement.eventTime),
        },
        reason: 'more than may be handed out',
      });
    });
  },
});

/** On a ward the supply is used up where it is billed. */
function addSupplies(to: Supply[], settled: Settled, reference: LedgerReference, settings: Params): void {
  const { settlement } = settled;
  if (!isVisit(settlement)) return;
  const general = generalLimit(settlement, settings);
  for (const line of settlement.cold.get().lines)
    if (hasDays(line)) to.push({ settled, line, limit: reference.drug(line.item)?.maxDays ?? general });
}

function generalLimit({ medicalType }: { medicalType: string }, settings: Params): number {
  return medicalType === CHRONIC ? settings.chronicDays : settings.days;
}

function hasDays(line: FeeLine): line is Supply['line'] {
  return line.days !== null && line.days > 0;
}

interface Excess {
  supply: Supply;
  /** Days of that drug after the line. */
  inHand: number;
  /** What is still in hand from before, where that is why. */
  earlier: Settled[];
}

/** Days of one drug in hand: a day is used up a day. */
class InHand {
  #left = 0;
  #since: number | null = null;

  at(instant: number): number {
    if (this.#since !== null) this.#left = Math.max(0, this.#left - daysBetween(this.#since, instant));
    this.#since = instant;
    return this.#left;
  }

  /** Days in hand with these. @param at ms */
  add(days: number, at: number): number {
    this.#left = this.at(at) + days;
    return this.#left;
  }
}

/** Supplies of one drug in order of time. */
function excessOf(supplies: readonly Supply[], { spareDays }: Params): Excess[] {
  const everKept = supplies.every(({ settled }) => settled.reversal === null);
  const running = new InHand();
  return supplies.flatMap((supply, i) => {
    const at = supply.settled.settlement.eventTime;
    const left = everKept ? running.at(at) : leftOf(supplies.slice(0, i), at);
    running.add(supply.line.days, at);
    const inHand = left + supply.line.days;
    if (supply.line.days > supply.limit) return [{ supply, inHand, earlier: [] }];
    if (inHand <= supply.limit + spareDays) return [];
    const before = supplies.slice(Math.max(0, i - MOST_EARLIER), i).filter(({ settled }) => isKeptAt(settled, at));
    return [
      { supply, inHand, earlier: before.map(({ settled }) => settled).filter((each) => each !== supply.settled) },
    ];
  });
}

/** What is left of supplies that were not taken back by then. @param at ms */
function leftOf(supplies: readonly Supply[], at: number): number {
  const inHand = new InHand();
  for (const supply of supplies)
    if (isKeptAt(supply.settled, at)) inHand.add(supply.line.days, supply.settled.settlement.eventTime);
  return inHand.at(at);
}
