// Pharmacists sign in and out: at opening and closing, some over lunch, round the clock at every midnight. In some places a second one comes for
// lunch, so that the last to sign has left while somebody is there.
import { type Institution, isRoundTheClock } from '../city/city.ts';
import type { Stage } from './stage.ts';
import { iso, localDay, localMidnight, MINUTE_MS } from './time.ts';

interface Signing {
  at: number;
  present: boolean;
  /** Which pharmacist of the place. */
  who: 1 | 2;
}

/** Every third pharmacy has a lunch hour without its pharmacist. */
const LUNCH = [12 * 60, 12 * 60 + 40] as const;

function hasLunch({ index, opens, closes }: Institution): boolean {
  return index % 3 === 0 && !isRoundTheClock({ opens, closes });
}

/** Every second of these has another pharmacist there in the meantime. */
const SECOND = [11 * 60 + 30, 13 * 60 + 30] as const;

function hasSecond(institution: Institution): boolean {
  return hasLunch(institution) && institution.index % 6 === 0;
}

export function signings(institution: Institution, day: number): Signing[] {
  const { opens, closes } = institution;
  const at = (minutes: number) => Math.round(localMidnight(day) + minutes * MINUTE_MS);
  const signing = (minutes: number, present: boolean, who: Signing['who'] = 1): Signing => ({
    at: at(minutes),
    present,
    who,
  });
  if (isRoundTheClock(institution)) return [signing(0.1, true)];
  const list = [signing(opens - 4, true), signing(closes + 3, false)];
  if (hasLunch(institution)) list.push(signing(LUNCH[0], false), signing(LUNCH[1], true));
  if (hasSecond(institution)) list.push(signing(SECOND[0], true, 2), signing(SECOND[1], false, 2));
  return list.sort((a, b) => a.at - b.at);
}

/** Whether prescription drugs may be sold; over lunch with a minute to spare on either side. */
export function pharmacistPresent(institution: Institution, at: number): boolean {
  const minute = (at - localMidnight(localDay(at))) / MINUTE_MS;
  return !(hasLunch(institution) && !hasSecond(institution) && minute >= LUNCH[0] - 1 && minute <= LUNCH[1] + 1);
}

/** Sends the signings of [from, until), ms. `arrival` says when, for what was signed before the simulated window. */
export function liveStaff(stage: Stage, day: number, from: number, until: number, arrival?: () => number): void {
  for (const institution of stage.city.institutions) {
    if (institution.kind !== 'pharmacy') continue;
    for (const { at, present, who } of signings(institution, day)) {
      if (at < from || at >= until) continue;
      const event = {
        event_id: `p-${institution.index}-${at / 1000}`,
        event_type: 'staff_presence',
        event_time: iso(at),
        source: 'staff-terminal',
        fixmedins_code: institution.code,
        role: 'pharmacist',
        present: present ? 1 : 0,
        staff_code: `HY${institution.code.slice(1)}${who}`,
      };
      if (arrival === undefined) stage.send('surveillance', event, at, true);
      else stage.put('surveillance', event, arrival());
    }
  }
}
