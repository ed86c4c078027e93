// A device's life: its clock, the gaps between its records, and its outages, kept for the last 48 hours.
import type { CameraStatus, Heartbeat, IdentityCheck, Presence, StaffPresence } from '@yunjian/contracts';

/** Records of a device: any of them is a sign of life. */
export type DeviceRecord = IdentityCheck | Presence | CameraStatus | Heartbeat | StaffPresence;

/** How a device fared through a window, both ends in ms of event time. */
export interface Liveness {
  alive: boolean;
  /** Why not: the first thing found, for facts. Null when alive. */
  cause: 'never-seen' | 'starts-later' | 'ends-earlier' | 'gap' | 'offline' | 'blocked' | 'tampered' | 'clock' | null;
  /** The gap or outage found, ms. */
  from: number | null;
  to: number | null;
}

export interface Devices {
  /** Highest event time of the device's records, ms; -Infinity when it never spoke. */
  clock(device: string): number;
  /** Arrival of the last record read, ms; -Infinity when it never spoke. */
  lastArrival(device: string): number;
  /** Whether it was alive for the whole window: a record at or before `start`, one at or after `end`, no gap over the silence limit, no outage inside. */
  liveness(institution: string, device: string, start: number, end: number): Liveness;
}
