// Inpatient bills: settled on the ward by e-voucher, no terminal, so no counter camera is asked about them.
import { staysOf } from '../city/budgets.ts';
import { inpatient } from '../city/city.ts';
import { FIRST_STAY_SERIAL } from '../patterns/site.ts';
import { type Settled, settlementEvent } from './documents.ts';
import type { Stage } from './stage.ts';
import { localDay } from './time.ts';

const DIAGNOSES = ['I10.x00', 'J18.900', 'E11.900', 'I63.900', 'K80.200', 'N20.000', 'S72.000', 'J44.100'];

/** Bills of [from, until), ms. `arrival` says when, for those of before the simulated window. */
export function liveStays(stage: Stage, from: number, until: number, arrival?: () => number): void {
  for (let day = localDay(from); day <= localDay(until - 1); day++)
    for (const institution of stage.city.institutions) {
      if (institution.kind !== 'hospital') continue;
      for (const { n, at, begin, fund } of staysOf(stage.city, institution, day)) {
        if (at < from || at >= until) continue;
        const person = inpatient(stage.city, institution.index, day, n);
        const settled: Settled = {
          institution,
          counter: null,
          at,
          serial: FIRST_STAY_SERIAL + n,
          person,
          certificate: '01',
          medType: '21',
          lines: [],
          diagnosis: DIAGNOSES[person % DIAGNOSES.length] as string,
          begin,
          end: at,
          fund,
        };
        if (arrival === undefined) stage.settle(settled);
        else {
          stage.spending.add(institution, at, fund);
          stage.put('settlement', settlementEvent(settled).event, arrival());
        }
      }
    }
}
