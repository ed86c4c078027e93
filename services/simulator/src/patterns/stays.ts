// Patterns about inpatient stays: two at once, back too soon, shopping while in bed. Bills come by e-voucher from the ward.
import type { Institution } from '../city/city.ts';
import type { Stage } from '../life/stage.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../life/time.ts';
import { aboutPerson, aboutSettlement, LEAD_MS, settledOf, tellStatus } from './deeds.ts';
import type { Act, Pattern } from './pattern.ts';
import type { Site } from './site.ts';

/** An order during a stay is made so much earlier in the day than its bill is settled, ms. */
const EARLIER_MS = 2 * HOUR_MS;

interface Bill {
  hospital: Institution;
  at: number;
  begin: number;
  end: number;
  diagnosis: string;
  serial: number;
}

export const overlappingStay: Pattern = stays('overlapping-stay', 0.2, (site, person, at, [one, other]) => {
  const first = bill(site, one, at, [7, 1], 'J18.900');
  const second = bill(site, other, at + 10 * MINUTE_MS, [4.5, 0], 'I63.900');
  return act(first, second, (stage) => {
    for (const each of [first, second]) settleStay(stage, person, each);
    stage.truth(aboutPerson('overlapping-stay', person, other, second.begin, first.end), second.at);
  });
});

export const readmission: Pattern = stays('readmission', 0.2, (site, person, at, [one]) => {
  const first = bill(site, one, at, [14, 9], 'K80.200');
  const second = bill(site, one, at + 10 * MINUTE_MS, [5, 0], 'K80.200');
  return act(first, second, (stage) => {
    for (const each of [first, second]) settleStay(stage, person, each);
    stage.truth(aboutPerson('readmission', person, one, first.end, second.begin), second.at);
  });
});

/** Chemotherapy comes in a planned series. */
export const plannedSeries: Pattern = stays('innocent: planned series', 0.1, (site, person, at, [one]) => {
  const first = bill(site, one, at, [14, 11], 'Z51.100');
  const second = bill(site, one, at + 10 * MINUTE_MS, [4, 0], 'Z51.100');
  return act(first, second, (stage) => {
    for (const each of [first, second]) settleStay(stage, person, each);
  });
});

/** Moved from one hospital to another: both count the day. */
export const transfer: Pattern = stays('innocent: transfer', 0.2, (site, person, at, [one, other]) => {
  const first = bill(site, one, at, [9, 4], 'I63.900');
  const second = bill(site, other, at + 10 * MINUTE_MS, [4, 0], 'I63.900');
  return act(first, second, (stage) => {
    for (const each of [first, second]) settleStay(stage, person, each);
  });
});

/** The bill of a stay comes after the death that ended it. */
export const billedAfterDeath: Pattern = stays('innocent: billed after death', 0.2, (site, person, at, [one]) => {
  const stay = bill(site, one, at, [9, 2], 'I21.900');
  return act(stay, stay, (stage) => {
    tellStatus(stage, person, 'deceased', stay.end, at - 5 * MINUTE_MS, `stay-${stay.serial}`);
    settleStay(stage, person, stay);
  });
});

/** Family fetches what the patient needs from a pharmacy. */
export const familyDuringStay: Pattern = visits('innocent: family during a stay', true);

export const visitDuringStay: Pattern = visits('visit-during-stay', false);

function visits(name: string, family: boolean): Pattern {
  return stays(name, 0.2, (site, person, at, [one]) => {
    const stay = bill(site, one, at, [6, 0], 'J44.100');
    // Ordered two hours earlier in the day, two days before: within opening hours then.
    const shop = site.openInstitution(at - EARLIER_MS, ['pharmacy'], (shop) => shop.uploadsPurchases);
    if (shop === null) return null;
    const serial = site.serial();
    const drug = site.drug((d) => !d.prescription);
    return {
      start: at - LEAD_MS,
      end: at + MINUTE_MS,
      emit: (stage) => {
        const ordered = at - 2 * DAY_MS - EARLIER_MS;
        const more = { agent: family };
        const settled = settledOf(stage, { institution: shop, counter: null, at: ordered, serial, person, drug, more });
        const made = stage.settle(settled, at - 5 * MINUTE_MS);
        for (const line of settled.lines) stage.purchase(shop, line, line.codes, ordered - HOUR_MS, at - 8 * MINUTE_MS);
        settleStay(stage, person, stay);
        if (!family) stage.truth({ ...aboutSettlement('visit-during-stay', made, settled), ...who(person) }, at);
      },
    };
  });
}

function who(person: number) {
  const { kind, ref } = aboutPerson('', person, null as never, 0, 0);
  return { kind, ref };
}

function stays(
  name: string,
  perHour: number,
  plan: (site: Site, person: number, at: number, hospitals: readonly [Institution, Institution]) => Act | null,
): Pattern {
  return {
    name,
    perHour,
    floor: 0,
    persons: 1,
    plan: (site) => {
      const hospitals = site.city.institutions.filter(({ kind }) => kind === 'hospital');
      const person = site.suspect();
      if (hospitals.length < 2 || person === null) return null;
      const one = site.random.pick(hospitals);
      const other = site.random.pick(hospitals.filter((hospital) => hospital !== one));
      return plan(site, person, site.second(5, 15), [one, other]);
    },
  };
}

/** @param days before the bill that the stay began and ended */
function bill(
  site: Site,
  hospital: Institution,
  at: number,
  [begin, end]: readonly [number, number],
  diagnosis: string,
): Bill {
  return { hospital, at, begin: at - begin * DAY_MS, end: at - end * DAY_MS, diagnosis, serial: site.serial() };
}

function act(first: Bill, second: Bill, emit: Act['emit']): Act {
  return { start: first.at - LEAD_MS, end: second.at + MINUTE_MS, emit };
}

function settleStay(stage: Stage, person: number, { hospital, at, begin, end, diagnosis, serial }: Bill): void {
  stage.settle({
    institution: hospital,
    counter: null,
    at,
    serial,
    person,
    certificate: '01',
    medType: '21',
    lines: [],
    diagnosis,
    begin,
    end,
    fund: 640_000,
  });
}
