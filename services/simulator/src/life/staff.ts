// Pharmacists sign in and out: at opening and closing, some over lunch, round the clock at every midnight.
import { type Institution, isRoundTheClock } from '../city/city.ts';
import type { Stage } from './stage.ts';
import { iso, localDay, localMidnight, MINUTE_MS } from './time.ts';

interface Signing {
  at: number;
  present: boolean;
}

/** Every third pharmacy has a lunch hour without its pharmacist. */
const LUNCH = [12 * 60, 12 * 60 + 40] as const;

function hasLunch({ index, opens, closes }: Institution): boolean {
  return index % 3 === 0 && !isRoundTheClock({ opens, closes });
}

export function signings(institution: Institution, day: number): Signing[] {
  const { opens, closes } = institution;
  const at = (minutes: number) => Math.round(localMidnight(day) + minutes * MINUTE_MS);
  if (isRoundTheClock(institution)) return [{ at: at(0.1), present: true }];
  const list = [
    { at: at(opens - 4), present: true },
    { at: at(closes + 3), present: false },
  ];
  if (hasLunch(institution)) list.push({ at: at(LUNCH[0]), present: false }, { at: at(LUNCH[1]), present: true });
  return list.sort((a, b) => a.at - b.at);
}

/** Whether prescription drugs may be sold; over lunch with a minute to spare on either side. */
export function pharmacistPresent(institution: Institution, at: number): boolean {
  const minute = (at - localMidnight(localDay(at))) / MINUTE_MS;
  return !(hasLunch(institution) && minute >= LUNCH[0] - 1 && minute <= LUNCH[1] + 1);
}

/** Sends the signings of [from, until), ms. `arrival` says when, for what was signed before the simulated window. */
export function liveStaff(stage: Stage, day: number, from: number, until: number, arrival?: () => number): void {
  for (const institution of stage.city.institutions) {
    if (institution.kind !== 'pharmacy') continue;
    for (const { at, present } of signings(institution, day)) {
      if (at < from || at >= until) continue;
      const event = {
        event_id: `p-${institution.index}-${at / 1000}`,
        event_type: 'staff_presence',
        event_time: iso(at),
        source: 'staff-terminal',
        fixmedins_code: institution.code,
        role: 'pharmacist',
        present: present ? 1 : 0,
        staff_code: `HY${institution.code.slice(1)}1`,
      };
      if (arrival === undefined) stage.send('surveillance', event, at, true);
      else stage.put('surveillance', event, arrival());
    }
  }
}
