// frequent-purchase: the same drug too often, at too many places, or too many visits.
import { DAY_MS, localDate, localDay, type Settlement } from '@yunjian/contracts';
import { defineLedgerRule, type SettlementOutline } from '@yunjian/detection';
import { z } from 'zod';
import { inOrder, isKeptAt, personClaim, type Settled, settledOf, startsWithAny } from '../person-history.ts';
import { isVisit } from '../treatment.ts';

const params = z.object({
  times: z
    .int()
    .min(2)
    .default(5)
    .describe('Purchases of one drug from which they are too many. Source: domain.md §4, demo value.'),
  timesDays: z.int().min(1).default(30).describe('Days within which those purchases lie, days. Source: domain.md §4.'),
  places: z
    .int()
    .min(2)
    .default(3)
    .describe('Institutions that sold one drug from which they are too many. Source: domain.md §4, demo value.'),
  placesDays: z
    .int()
    .min(1)
    .default(7)
    .describe('Days within which those institutions were visited, days. Source: detectors.md.'),
  visits: z
    .int()
    .min(2)
    .default(15)
    .describe('Visits from which they are too many. Source: domain.md §4, 15 a month, demo value.'),
  visitsDays: z.int().min(1).default(30).describe('Days within which those visits lie, days. Source: detectors.md.'),
  noDrugs: z
    .array(z.string().min(1))
    .default(['0', '1', '2', '3', '4', 'C'])
    .describe(
      'How the national codes of items begin that are no drugs and are counted as visits alone: digits are services, C consumables. Source: national code tables of services and consumables.',
    ),
  exempt: z
    .array(z.string().min(1))
    .default(['Z49', 'Z51', 'N18.5', 'N18.6', 'Z50'])
    .describe(
      'Diagnoses (ICD-10 prefixes) whose treatment comes often: dialysis Z49 and N18.5–6, chemotherapy and radiotherapy Z51, rehabilitation Z50. Source: detectors.md; the list is ours, a setting.',
    ),
});
type Params = z.output<typeof params>;

/** A purchase of one drug: the split packs of one prescription are one. */
interface Purchase {
  settled: Settled;
  identity: string;
}

interface Found {
  settled: Settled;
  /** `yyyy-MM`, Asia/Shanghai. */
  month: string;
  others: Settled[];
  /** Null: so many of that month were found before it that it is not told. */
  facts: Record<string, unknown> | null;
}

/** Of the purchases of a month that were too many, so many are told one by one. */
const MOST_TOLD = 20;

export const detector = defineLedgerRule({
  id: 'frequent-purchase',
  lane: 'person',
  inputs: ['settlement', 'reversal'],
  growsWith: ['settlement'],
  params,
  level: 3,
  claimsAbsence: false,
  texts: {
    title: { zh: '频繁购药就诊', en: 'Frequent purchases' },
    explanation: {
      zh: '同一参保人 30 天内购买同一药品 5 次及以上,或 7 天内在 3 家及以上机构购买同一药品,或 30 天内就诊购药 15 次及以上:可能重复开药、代人刷卡或倒卖药品。透析等按名单除外,同一处方拆零算一次。',
      en: 'One person bought the same drug 5 times or more in 30 days, or at 3 institutions or more in 7 days, or made 15 visits or more in 30 days: drugs may be collected to be sold on, or the card lent. Dialysis and the like are exempt by a list, and split packs of one prescription count once.',
    },
    measures: [
      { zh: '约谈参保人,核对实际用药', en: 'Talk to the person and compare with what is really taken' },
      { zh: '限定定点取药', en: 'Limit the person to one place of collection' },
      { zh: '涉嫌倒卖医保药品的移送公安机关', en: 'Refer suspected resale of drugs to the police' },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十七条、第四十一条(重复享受待遇、转卖药品)',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 17 and 41 (drawing benefits twice, resale of drugs)',
    },
    runbook: {
      zh: '查看参保人就诊记录,核对各次购药的机构、药品与诊断;确因病情需要的处置为“不属实”,长期需要的加入免判诊断。',
      en: 'Look at the person’s history: institutions, drugs and diagnoses of each purchase. Where the illness explains them dispose of the alert as unfounded; a lasting need belongs on the list of exempt diagnoses.',
    },
  },
  isSilent: (person, _reference, settings) => {
    const visits = person.settlements.filter(isVisit);
    if (areClose(visits, settings.visitsDays, settings.visits)) return false;
    for (const [item, lines] of person.byItem) {
      if (lines.length < Math.min(settings.times, settings.places) || startsWithAny(item, settings.noDrugs)) continue;
      const bought = lines.filter(
        (each, i) => isVisit(each.settlement) && lines[i - 1]?.settlement !== each.settlement,
      );
      const purchases = bought.map(({ settlement }) => settlement);
      if (areClose(purchases, settings.timesDays, settings.times)) return false;
      if (areClose(purchases, settings.placesDays, settings.places) && areAtPlaces(purchases, settings)) return false;
    }
    return true;
  },
  claims: (documents, _reference, settings, about = () => true) => {
    const visits = settledOf(documents).filter(
      ({ settlement }) => isVisit(settlement) && !startsWithAny(settlement.diagnosis, settings.exempt),
    );
    const byItem = new Map<string, Settled[]>();
    for (const settled of visits)
      for (const { item } of settled.settlement.cold.get().lines) {
        const list = byItem.get(item);
        if (list !== undefined) {
          // Several lines of one settlement are one purchase.
          if (list[list.length - 1] !== settled) list.push(settled);
        } else if (!startsWithAny(item, settings.noDrugs)) byItem.set(item, [settled]);
      }
    const found = [...byItem].flatMap(([item, purchases]) => [
      ...often(item, purchases, settings, about).map((each) => named(each, item)),
      ...atManyPlaces(purchases, settings, about).map((each) => named(each, item)),
    ]);
    found.push(...manyVisits(visits, settings, about));
    return claimsByMonth(found);
  },
});

function named(found: Found, item: string): Found {
  return { ...found, facts: found.facts === null ? null : { item, ...found.facts } };
}

function settlementOf({ settlement }: Settled): Settlement {
  return settlement;
}

function purchaseOf({ settlement }: Settled, item: string): string {
  const { institution, prescription, settlementId, cold } = settlement;
  const isSplit = prescription !== null && cold.get().lines.every((line) => line.item !== item || line.split);
  return isSplit ? `${institution}|r|${prescription}` : `${institution}|s|${settlementId}`;
}

/** Whether an institution's purchases are judged by these parameters: whatever else is in the history counts for them all the same. */
type About = (institution: string) => boolean;

type Timed = Pick<SettlementOutline, 'eventTime'>;

/** Whether any of these purchases is the last of some days in which too many places sold the drug. */
function areAtPlaces(purchases: readonly SettlementOutline[], { places, placesDays }: Params): boolean {
  return purchases.some(({ eventTime }, i) => {
    const within = purchases.slice(0, i + 1).filter((each) => each.eventTime >= eventTime - placesDays * DAY_MS);
    return new Set(within.map(({ institution }) => institution)).size >= places;
  });
}

/** Whether so many purchases lie within so many days at all, alike or not: of most drugs they do not. @param purchases in order of time */
function areClose(purchases: readonly Timed[], days: number, least: number): boolean {
  const timeAt = (i: number) => (purchases[i] as Timed).eventTime;
  for (let i = least - 1; i < purchases.length; i++)
    if (timeAt(i - least + 1) >= timeAt(i) - days * DAY_MS) return true;
  return false;
}

/**
 * Purchases of one thing that were too many: at each, how many distinct ones lie within so many days, itself included and without those
 * taken back by then. Each comes into the count once and leaves it once, so that a person of thousands of purchases stays judgeable.
 * @param purchases in order of time
 */
function tooMany(
  purchases: readonly Purchase[],
  days: number,
  least: number,
  about: About,
  facts: (distinct: ReadonlyMap<string, number>) => Record<string, unknown>,
): Found[] {
  const span = days * DAY_MS;
  const counts = new Map<string, number>();
  const counted = new Set<Purchase>();
  const takenBack = purchases
    .filter(({ settled }) => settled.reversal !== null)
    .sort((a, b) => undoneAt(a) - undoneAt(b));
  const found: Found[] = [];
  const told = new Map<string, number>();
  let [start, undone] = [0, 0];
  const leave = (purchase: Purchase) => {
    if (!counted.delete(purchase)) return;
    const left = (counts.get(purchase.identity) as number) - 1;
    if (left === 0) counts.delete(purchase.identity);
    else counts.set(purchase.identity, left);
  };
  for (const [i, purchase] of purchases.entries()) {
    const { settled, identity } = purchase;
    const at = timeOf(purchases, i);
    if (isKeptAt(settled, at)) {
      counted.add(purchase);
      counts.set(identity, (counts.get(identity) ?? 0) + 1);
    }
    for (; timeOf(purchases, start) < at - span; start++) leave(purchases[start] as Purchase);
    for (; undone < takenBack.length && undoneAt(takenBack[undone] as Purchase) <= at; undone++)
      leave(takenBack[undone] as Purchase);
    if (counts.size < least || !about(settled.settlement.institution)) continue;
    const month = monthOf(settled);
    const before = told.get(month) ?? 0;
    told.set(month, before + 1);
    // Those that led to the first of a month are its evidence; of the later ones each stands for itself.
    const others = before > 0 ? [] : purchases.slice(start, i).filter((each) => counted.has(each));
    found.push({
      settled,
      month,
      others: others.map((each) => each.settled),
      facts: before < MOST_TOLD ? facts(counts) : null,
    });
  }
  return found;
}

function timeOf(purchases: readonly Purchase[], i: number): number {
  return (purchases[i] as Purchase).settled.settlement.eventTime;
}

/** Of one that was not taken back: never. ms */
function undoneAt({ settled }: Purchase): number {
  return settled.reversal?.at ?? Number.POSITIVE_INFINITY;
}

function monthOf({ settlement }: Settled): string {
  return localDate(localDay(settlement.eventTime)).slice(0, 7);
}

function often(item: string, purchases: readonly Settled[], { times, timesDays }: Params, about: About): Found[] {
  if (!areClose(purchases.map(settlementOf), timesDays, times)) return [];
  const single = purchases.map((settled): Purchase => ({ settled, identity: purchaseOf(settled, item) }));
  return tooMany(single, timesDays, times, about, ({ size }) => ({ purchases: size, within_days: timesDays }));
}

function atManyPlaces(purchases: readonly Settled[], { places, placesDays }: Params, about: About): Found[] {
  if (!areClose(purchases.map(settlementOf), placesDays, places)) return [];
  const placed = purchases.map((settled): Purchase => ({ settled, identity: settled.settlement.institution }));
  const facts = (distinct: ReadonlyMap<string, number>) => ({
    institutions: [...distinct.keys()],
    within_days: placesDays,
  });
  return tooMany(placed, placesDays, places, about, facts);
}

/** A day at one institution is one visit. */
function manyVisits(visits: readonly Settled[], { visits: least, visitsDays }: Params, about: About): Found[] {
  if (!areClose(visits.map(settlementOf), visitsDays, least)) return [];
  const placed = visits.map((settled): Purchase => {
    const { institution, eventTime } = settled.settlement;
    return { settled, identity: `${institution}|${localDay(eventTime)}` };
  });
  return tooMany(placed, visitsDays, least, about, ({ size }) => ({ visits: size, within_days: visitsDays }));
}

/** One alert a month, by the first purchase that was too many; what comes later in the month amends it. */
function claimsByMonth(found: readonly Found[]) {
  const byMonth = Map.groupBy(found, ({ month }) => month);
  return [...byMonth].map(([month, list]) => {
    const first = list.reduce((a, b) => (inOrder(a.settled.settlement, b.settled.settlement) <= 0 ? a : b));
    const others = [...new Set(list.flatMap(({ settled, others: more }) => [...more, settled]))];
    return personClaim({
      settled: first.settled,
      anchor: month,
      others: others.filter((each) => each !== first.settled),
      amount: others.reduce((sum, { settlement }) => sum + settlement.fund, 0),
      facts: { month, found: list.flatMap(({ facts }) => facts ?? []).slice(0, MOST_TOLD) },
      reason: 'too many purchases',
    });
  });
}
