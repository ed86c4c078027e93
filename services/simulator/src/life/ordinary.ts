// Ordinary life: a visit becomes a check at the counter, a settlement, its sale uploads, sometimes a refund.
import type { DayPlan } from './day.ts';
import type { Settled } from './documents.ts';
import { pharmacistPresent } from './staff.ts';
import type { Stage } from './stage.ts';
import { localMidnight, MINUTE_MS } from './time.ts';
import { type Visit, visitOf, withoutPrescription } from './visits.ts';

/** Lives all visits of [from, until), ms. */
export function liveVisits(stage: Stage, plan: DayPlan, from: number, until: number): void {
  for (const institution of stage.city.institutions) {
    const visits = plan.visits(institution);
    for (let n = firstFrom(visits.times, from); n < visits.times.length; n++) {
      if ((visits.times[n] as number) >= until) break;
      const visit = visitOf(stage.city, institution, plan.day, n, visits);
      if (!plan.isReserved(visit.counter, visit.at)) live(stage, plan, visit);
    }
  }
}

/** Index of the first instant not before `from`. */
export function firstFrom(times: Float64Array, from: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function live(stage: Stage, plan: DayPlan, visit: Visit): void {
  const { institution, counter, at, n, person } = visit;
  const plain = plan.isPlain(counter, at);
  const kind = plain && visit.kind === 'family' ? 'counter' : visit.kind;
  const lines = billed(stage, visit);
  if (kind === 'self-paid') {
    for (const { drug, codes } of lines)
      for (const code of codes) stage.move({ institution, action: 'sale', drug, code, at, mark: 'self' });
    return;
  }
  const settled: Settled = {
    institution,
    counter: kind === 'order' ? null : counter,
    at,
    serial: n,
    person,
    certificate: kind === 'order' ? '01' : visit.check.method === 'id_card' ? '02' : '03',
    medType: medTypeOf(visit),
    lines,
    agent: kind === 'family',
    tourist: visit.tourist && !visit.chronic,
  };
  const seen = kind === 'order' || checkAtCounter(stage, plan, visit, plain, kind === 'family');
  const made = stage.settle(settled);
  if (!seen && counter.camera !== null) {
    stage.truth(
      {
        detector: 'verification-unavailable',
        kind: 'settlement',
        ref: made.id,
        institution,
        start: at - 10 * MINUTE_MS,
        end: at + 2 * MINUTE_MS,
      },
      at + 2 * MINUTE_MS,
    );
  }
  if (seen && visit.reversedAfter > 0) refund(stage, plan, settled, made, at + visit.reversedAfter);
}

export function billed(stage: Stage, visit: Visit): Settled['lines'] {
  const { institution, at, n } = visit;
  const attended = institution.kind !== 'pharmacy' || pharmacistPresent(institution, at);
  let box = 0;
  return visit.lines.map((wished) => {
    const { drug, boxes, days } = attended ? wished : withoutPrescription(wished);
    const codes = stage.boxes({ drug, boxes }, institution, at, n, box);
    box += boxes;
    return { drug, count: boxes, days, codes };
  });
}

function medTypeOf({ institution, chronic, at }: Visit): string {
  if (chronic) return '14';
  if (institution.kind === 'pharmacy') return '41';
  const hour = new Date(at + 8 * 3_600_000).getUTCHours();
  return institution.kind === 'hospital' && (hour < 7 || hour >= 21) ? '13' : '11';
}

/** Whether a check was made; a blind camera makes none, and without a camera nobody expects one. */
function checkAtCounter(stage: Stage, plan: DayPlan, visit: Visit, plain: boolean, byAgent: boolean): boolean {
  const { counter, at, check, person, agent } = visit;
  if (counter.camera === null) return true;
  const before = Math.min(check.offset, -10_000);
  const disturbed = plan.faults.disturbed(counter, at + before) ?? plan.faults.disturbed(counter, at);
  const ahead = disturbed?.kind === 'fast' ? disturbed.ahead : 0;
  const checkedAt = ahead > 0 ? at - 30_000 : at + (plain ? before : check.offset);
  if (plan.faults.blind(counter, checkedAt) !== undefined) return false;
  const id = `${counter.index}-${visit.day}-${visit.n}`;
  const named = byAgent ? agent : check.named || plain || ahead > 0 ? person : null;
  if (check.failedFirst && !plain && ahead === 0 && checkedAt < at)
    stage.check({
      counter,
      at: checkedAt - 8_000,
      person: named,
      result: 'failed',
      method: check.method,
      id: `${id}f`,
    });
  stage.check({ counter, at: checkedAt, person: named, result: 'passed', method: check.method, id });
  return true;
}

/** Money and boxes go back the same day: the sale is undone on both channels. */
function refund(stage: Stage, plan: DayPlan, settled: Settled, made: ReturnType<Stage['settle']>, at: number): void {
  const { institution } = settled;
  const closing = localMidnight(plan.day) + institution.closes * MINUTE_MS - MINUTE_MS;
  if (at >= closing || settled.institution.kind === 'clinic') return;
  stage.reverse(settled, made, at);
  for (const { drug, codes } of settled.lines)
    for (const code of codes)
      stage.move({ institution, action: 'sale_return', drug, code, at: at + 2_000, setlId: made.id, mark: made.id });
}
