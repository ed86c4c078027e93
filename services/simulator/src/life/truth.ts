// What is true of the simulated life: the alerts that detectors.md calls for, given everything that is sent.
import type { Institution } from '../city/city.ts';
import { iso } from './time.ts';

export interface Truth {
  detector: string;
  subject: { kind: string; ref: string };
  /** Null for persons and feeds. */
  fixmedins_code: string | null;
  window: { start: string; end: string };
  /** quarterly-spend only. */
  tier?: 10 | 20;
  /** source-silent: the silence ended, so that the alert stands withdrawn at the end. */
  withdrawn?: true;
}

export interface TruthSketch {
  detector: string;
  kind: 'settlement' | 'person' | 'code' | 'institution' | 'device';
  ref: string;
  institution: Institution | null;
  /** ms */
  start: number;
  end: number;
  withdrawn?: boolean;
}

export function truthOf({ detector, kind, ref, institution, start, end, withdrawn }: TruthSketch): Truth {
  return {
    detector,
    subject: { kind, ref },
    fixmedins_code: institution?.code ?? null,
    window: { start: iso(start), end: iso(end) },
    ...(withdrawn === true ? { withdrawn: true } : {}),
  };
}
