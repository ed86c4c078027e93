// impossible-travel: one card at two places sooner than anybody gets from one to the other.
import { isoShanghai } from '@yunjian/contracts';
import {
  defineLedgerRule,
  type InstitutionFacts,
  isInPerson,
  type LedgerReference,
  type SettlementOutline,
} from '@yunjian/detection';
import { z } from 'zod';
import { personClaim, type Settled, settledOf } from '../person-history.ts';

const HOUR_MS = 3_600_000;
const EARTH_KM = 6371;

const params = z.object({
  speed: z
    .number()
    .positive()
    .default(120)
    .describe('Speed that nobody exceeds between two institutions, km/h. Source: detectors.md.'),
  nearKm: z
    .number()
    .min(0)
    .default(2)
    .describe('Taken off the distance: coordinates are those of a gate, km. Source: detectors.md.'),
  slackMinutes: z
    .number()
    .min(0)
    .default(5)
    .describe('Added to the time between: clocks of tills differ, min. Source: detectors.md.'),
});

interface Placed {
  settled: Settled;
  place: InstitutionFacts;
}

export const detector = defineLedgerRule({
  id: 'impossible-travel',
  lane: 'person',
  inputs: ['settlement', 'reversal', 'institution'],
  growsWith: ['settlement'],
  params,
  level: 2,
  claimsAbsence: false,
  texts: {
    title: { zh: '时空不可能(疑似多人用卡)', en: 'Impossible travel (one card, several hands)' },
    explanation: {
      zh: '同一参保人先后在两家机构本人结算,两地距离在这段时间内无法到达:医保凭证可能不在本人手中。家属代取和电子凭证线上订单除外。',
      en: 'One person was settled in person at two institutions that are too far apart for the time between: the card may be in other hands. What family fetched and orders from home by e-voucher do not count.',
    },
    measures: [
      { zh: '调阅两处结算时的身份核验与视频', en: 'Review identity checks and video of both settlements' },
      {
        zh: '冒名结算的追回基金,暂停联网结算',
        en: 'Recover what was paid in a false name and suspend networked settlement',
      },
    ],
    basis: {
      zh: '《医疗保障基金使用监督管理条例》第十七条、第四十一条(将医保凭证交由他人冒名使用)',
      en: 'Regulations on the Supervision of Medical Security Funds, art. 17 and 41 (lending one’s credentials)',
    },
    runbook: {
      zh: '核对两家机构的登记坐标与结算时间(收款机时钟可能有误);坐标有误的,以原登记的生效时间更正登记。',
      en: 'Check the registered coordinates and the times, since a till’s clock may be wrong. Where coordinates are wrong, correct the registration as of the time from which it held.',
    },
  },
  isSilent: ({ settlements }, reference, settings) => {
    const inPerson = settlements.filter((each) => each.inPerson);
    const reach = reachMs(settings);
    return inPerson.every((after, i) => {
      for (let j = i - 1; j >= 0; j--) {
        const before = inPerson[j] as SettlementOutline;
        const gap = after.eventTime - before.eventTime;
        if (gap > reach) break;
        if (before.institution === after.institution) continue;
        const [from, to] = [placeOf(before, reference), placeOf(after, reference)];
        if (from === null || to === null) continue;
        if (speedOf(gap, kilometres(from, to), settings) > settings.speed) return false;
      }
      return true;
    });
  },
  claims: (documents, reference, settings) => {
    const placed = settledOf(documents).flatMap((settled): Placed[] => {
      const place = isInPerson(settled.settlement) ? placeOf(settled.settlement, reference) : null;
      return place === null ? [] : [{ settled, place }];
    });
    const reach = reachMs(settings);
    return placed.flatMap((after, i) => {
      const { settlement } = after.settled;
      let fastest: { before: Placed; distance: number; speed: number } | null = null;
      for (let j = i - 1; j >= 0; j--) {
        const before = placed[j] as Placed;
        if (settlement.eventTime - before.settled.settlement.eventTime > reach) break;
        if (before.settled.settlement.institution === settlement.institution) continue;
        const distance = kilometres(before.place, after.place);
        const gap = settlement.eventTime - before.settled.settlement.eventTime;
        const speed = speedOf(gap, distance, settings);
        if (speed > settings.speed && speed > (fastest?.speed ?? 0)) fastest = { before, distance, speed };
      }
      if (fastest === null) return [];
      const { before, distance, speed } = fastest;
      return [
        personClaim({
          settled: after.settled,
          others: [before.settled],
          facts: {
            before: before.settled.settlement.settlementId,
            institutions: [before.settled.settlement.institution, settlement.institution],
            times: [before.settled, after.settled].map((each) => isoShanghai(each.settlement.eventTime)),
            distance_km: Number(distance.toFixed(1)),
            speed_kmh: Math.round(speed),
          },
          reason: 'too far for the time between',
        }),
      ];
    });
  },
});

/** Where the institution was registered to be at the time; null: nothing says. */
function placeOf(
  { institution, eventTime }: Pick<SettlementOutline, 'institution' | 'eventTime'>,
  reference: LedgerReference,
): InstitutionFacts | null {
  const registered = reference.institution(institution, eventTime);
  return registered === null || registered.latitude === null || registered.longitude === null ? null : registered;
}

/** Behind this time any two places on earth can be reached, ms. */
function reachMs({ speed, nearKm }: z.output<typeof params>): number {
  return ((Math.PI * EARTH_KM - nearKm) / speed) * HOUR_MS;
}

/** km/h that the way would have taken at least. @param gap between the two, ms; @param distance km */
function speedOf(gap: number, distance: number, settings: z.output<typeof params>): number {
  return (distance - settings.nearKm) / ((gap + settings.slackMinutes * 60_000) / HOUR_MS);
}

/** Along a great circle. */
function kilometres(a: InstitutionFacts, b: InstitutionFacts): number {
  const radians = (degrees: number | null) => ((degrees ?? 0) * Math.PI) / 180;
  const [p, q] = [radians(a.latitude), radians(b.latitude)];
  const half = (angle: number) => Math.sin(angle / 2) ** 2;
  const h = half(q - p) + Math.cos(p) * Math.cos(q) * half(radians(b.longitude) - radians(a.longitude));
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}
