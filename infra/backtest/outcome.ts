// What one set of rules came to over the history: each alert as it stands at the end.
import type { Finding } from '@yunjian/contracts';

export interface Outcome {
  finding: Finding;
  stands: boolean;
}

/** Alerts by id, without alerting's grouping and shelving, which no parameter of a detector touches. */
export class Outcomes {
  readonly byId = new Map<string, Outcome>();

  tell(finding: Finding): void {
    const known = this.byId.get(finding.alert_id);
    // The withdrawal of what never stood says nothing.
    if (finding.action === 'withdraw' && known === undefined) return;
    this.byId.set(finding.alert_id, { finding, stands: finding.action === 'raise' });
  }
}

export interface Sample {
  alert_id: string;
  institution: string | null;
  subject: string;
  event_time: string;
  level: number;
  title: string;
}

export interface Side {
  /** Alerts ever raised: those that stand at the end, and those that were withdrawn. */
  raised: number;
  stands: number;
  withdrawn: number;
}

export interface Compared {
  today: Side;
  proposed: Side;
  /** Stands under the proposed parameters alone, under today's alone, under both. */
  gained: number;
  lost: number;
  same: number;
  /** Of those that stand under both: with another level. */
  relevelled: number;
  examples: { gained: Sample[]; lost: Sample[] };
}

/** Side by side, of the alerts whose event time lies in [from, to). @param examples so many of each at most, the earliest */
export function compare(
  today: Outcomes,
  proposed: Outcomes,
  detectors: readonly string[],
  { from, to, examples }: { from: number; to: number; examples: number },
): Record<string, Compared> {
  const inside = ({ finding }: Outcome) => {
    const at = Date.parse(finding.event_time);
    return at >= from && at < to;
  };
  const result: Record<string, Compared> = {};
  for (const detector of [...detectors].sort()) {
    const of = ({ byId }: Outcomes) => [...byId.values()].filter((o) => o.finding.detector === detector && inside(o));
    const [before, after] = [of(today), of(proposed)];
    const only = (list: readonly Outcome[], other: Outcomes) =>
      list.filter((o) => o.stands && other.byId.get(o.finding.alert_id)?.stands !== true);
    const [gained, lost] = [only(after, today), only(before, proposed)];
    const both = after.filter((o) => o.stands && today.byId.get(o.finding.alert_id)?.stands === true);
    result[detector] = {
      today: sideOf(before),
      proposed: sideOf(after),
      gained: gained.length,
      lost: lost.length,
      same: both.length,
      relevelled: both.filter(({ finding }) => today.byId.get(finding.alert_id)?.finding.level !== finding.level)
        .length,
      examples: { gained: samples(gained, examples), lost: samples(lost, examples) },
    };
  }
  return result;
}

function sideOf(list: readonly Outcome[]): Side {
  const stands = list.filter((o) => o.stands).length;
  return { raised: list.length, stands, withdrawn: list.length - stands };
}

function samples(list: readonly Outcome[], most: number): Sample[] {
  return list
    .map(({ finding }) => finding)
    .sort((a, b) => Date.parse(a.event_time) - Date.parse(b.event_time) || (a.alert_id < b.alert_id ? -1 : 1))
    .slice(0, most)
    .map(({ alert_id, fixmedins_code, subject, event_time, level, title }) => ({
      alert_id,
      institution: fixmedins_code,
      subject: `${subject.kind} ${subject.ref}`,
      event_time,
      level,
      title: title.zh,
    }));
}
