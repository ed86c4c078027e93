// No claim of absence before the clocks have passed what it waits for, nor against anything that had arrived by then: our own outage is
// not evidence.
import type { YunjianEvent } from '@yunjian/contracts';
import { identityOracle } from '../../oracle/identity.ts';
import type { RaisedAt } from './replay.ts';

const ABSENCE = new Set(['identity-check-missing', 'verification-unavailable']);
/** The shortest wait that the design allows behind whatever a judgement waits for, ms. */
const WAIT_MS = 10_000;

/** Claims of absence that do not stand in the end, although nobody but ourselves was late. */
export function takenBack(events: readonly YunjianEvent[], raises: readonly RaisedAt[], partition: number): string[] {
  const stands = new Set(identityOracle(events).map((each) => line(each.detector, each.institution, each.subject)));
  return raises
    .map(({ finding }) => finding)
    .filter(({ detector }) => ABSENCE.has(detector))
    .map(({ detector, fixmedins_code, subject }) => line(detector, fixmedins_code, subject.ref))
    .filter((each) => !stands.has(each))
    .map((each) => `lane ${partition}: ${each} was raised by an outage of ours`);
}

function line(...parts: (string | null)[]): string {
  return parts.join(' ');
}

/** Claims that came too early, or that what had arrived by the clock of their judgement contradicts. */
export function absences(
  events: readonly YunjianEvent[],
  raises: readonly RaisedAt[],
  partition: number,
  /** A clock that went back says nothing of what had arrived: then what was read counts. */
  jumped: boolean,
): string[] {
  const failures: string[] = [];
  for (const { finding, observed, read } of raises) {
    if (!ABSENCE.has(finding.detector)) continue;
    const { detector, fixmedins_code: institution, subject, window } = finding;
    const what = `lane ${partition}: ${detector} of ${subject.ref}, raised at clock ${new Date(observed).toISOString()},`;
    if (observed <= Date.parse(window.end) + WAIT_MS) failures.push(`${what} did not wait for its deadline`);
    // Signs of life by the clock, bills and registrations as far as they were read.
    const known = events.filter(
      ({ arrival, origin }) =>
        (!jumped && arrival <= observed) ||
        ((jumped || origin.feed !== 'surveillance') && read.has(`${origin.feed}/${origin.partition}/${origin.offset}`)),
    );
    const supported = identityOracle(known).some(
      (each) => each.detector === detector && each.institution === institution && each.subject === subject.ref,
    );
    if (!supported) failures.push(`${what} is not what had arrived by then`);
  }
  return failures;
}
