// Boxes are bought before they are sold: every two hours an institution takes delivery of what will be asked for.
import type { Institution } from '../city/city.ts';
import type { DayPlan } from './day.ts';
import { traceEvent } from './documents.ts';
import { billed, firstFrom } from './ordinary.ts';
import type { Stage } from './stage.ts';
import { localDay } from './time.ts';
import { visitOf, WAVE_LEAD_MS, WAVE_MS, waveBefore, waveOffset } from './visits.ts';

/** Deliveries whose instant lies in [from, until), ms, for visits that lie in the window. */
export function liveDeliveries(stage: Stage, from: number, until: number, window: { from: number; to: number }): void {
  for (const institution of stage.city.institutions) {
    if (!institution.uploadsPurchases) continue;
    const offset = waveOffset(institution);
    const wave = Math.ceil((from - offset) / WAVE_MS) * WAVE_MS + offset;
    if (wave >= until) continue;
    const start = Math.max(wave + WAVE_LEAD_MS, window.from);
    const end = Math.min(wave + WAVE_LEAD_MS + WAVE_MS, window.to);
    deliver(stage, institution, start, end, (at, event) => stage.send('trace', event, at));
  }
}

/** What was delivered before the window for visits within it, uploaded at once. */
export function deliverEarlier(
  stage: Stage,
  window: { from: number; to: number },
  arrival: (at: number) => number,
): void {
  for (const institution of stage.city.institutions) {
    if (!institution.uploadsPurchases) continue;
    const next = waveBefore(institution, window.from) + WAVE_MS;
    const until = Math.min(window.to, (next < window.from ? next + WAVE_MS : next) + WAVE_LEAD_MS);
    deliver(stage, institution, window.from, until, (at, event) => stage.put('trace', event, arrival(at)));
  }
}

function deliver(
  stage: Stage,
  institution: Institution,
  from: number,
  until: number,
  send: (at: number, event: ReturnType<typeof traceEvent>) => void,
): void {
  let box = 0;
  for (let day = localDay(from); day <= localDay(until - 1); day++) {
    const plan: DayPlan = stage.plan(day);
    const visits = plan.visits(institution);
    for (let n = firstFrom(visits.times, from); n < visits.times.length && (visits.times[n] as number) < until; n++) {
      const visit = visitOf(stage.city, institution, day, n, visits);
      const at = waveBefore(institution, visit.at) + (box % 1200) * 1000;
      for (const { drug, codes } of billed(stage, visit))
        for (const code of codes) {
          box++;
          send(at, traceEvent({ institution, action: 'purchase', drug, code, at }));
        }
    }
  }
}
