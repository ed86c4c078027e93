// The registration of institutions over time: which cameras watch which terminal, kind, hours, grid.
import type { Institution } from '@yunjian/contracts';
import type { Table } from './state.ts';

/** A registration as kept: what rules need of an `institution` event. Times in ms. */
export interface Registration {
  eventTime: number;
  arrival: number;
  category: Institution['category'];
  level: string | null;
  grid: string[];
  admdvs: string | null;
  openHours: unknown;
  counters: Institution['counters'];
}

export interface Registry {
  /** The latest registration whose event time is not after `at`; null before the first. */
  at(institution: string, at: number): Registration | null;
  /** The latest of all, for display (grid, kind). */
  latest(institution: string): Registration | null;
  /**
   * Cameras that a settlement at `at` rests on: those of its terminal, or every registered one without a terminal.
   * Null: no registration yet. Empty: outside video supervision.
   */
  cameras(institution: string, terminal: string | null, at: number): string[] | null;
  /** Terminal that a device watches at `at`, null when unknown. */
  terminalOf(institution: string, device: string, at: number): string | null;
  /** Institutions known. */
  institutions(): IterableIterator<string>;
}

export type RegistrationTable = Table<Registration[]>;
