// A subject judged where no record of it stands: the row that says so.
import { ColdPart, encodeLane, type Judged } from '@yunjian/contracts';
import type { StoredRow } from './history.ts';

/** So that whoever judges the subject next knows at which position it was judged last. */
export function stampOf({ subject, position }: { subject: string; position: number }): StoredRow {
  return { subject, position, items: [], event: STAMP, value: STAMP_VALUE };
}

const STAMP: Judged = {
  kind: 'judged',
  arrival: 0,
  origin: { feed: 'ledger', partition: 0, offset: 0, index: 0 },
  eventTime: 0,
  institution: '',
  document: 'judged',
  content: '',
  cold: ColdPart.of({ eventId: '', source: 'ledger' }),
};
const STAMP_VALUE = encodeLane(STAMP);
