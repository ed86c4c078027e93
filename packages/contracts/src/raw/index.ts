// The raw contract: which event types each topic takes, and the schema of each.
import type { z } from 'zod';
import type { Feed } from '../topics.ts';
import * as reference from './reference.ts';
import * as settlement from './settlement.ts';
import * as surveillance from './surveillance.ts';
import { trace } from './trace.ts';

export const RAW_SCHEMAS = {
  settlement: settlement.settlement,
  settlement_reversal: settlement.settlementReversal,
  identity_check: surveillance.identityCheck,
  presence: surveillance.presence,
  staff_presence: surveillance.staffPresence,
  camera_status: surveillance.cameraStatus,
  heartbeat: surveillance.heartbeat,
  trace,
  institution: reference.institution,
  budget: reference.budget,
  justification: reference.justification,
  person_status: reference.personStatus,
  drug: reference.drug,
} as const;

export type RawEventType = keyof typeof RAW_SCHEMAS;
export type RawEvent = { [K in RawEventType]: z.output<(typeof RAW_SCHEMAS)[K]> }[RawEventType];
export type RawOf<K extends RawEventType> = z.output<(typeof RAW_SCHEMAS)[K]>;

export const FEED_OF: Record<RawEventType, Feed> = {
  settlement: 'settlement',
  settlement_reversal: 'settlement',
  identity_check: 'surveillance',
  presence: 'surveillance',
  staff_presence: 'surveillance',
  camera_status: 'surveillance',
  heartbeat: 'surveillance',
  trace: 'trace',
  institution: 'reference',
  budget: 'reference',
  justification: 'reference',
  person_status: 'reference',
  drug: 'reference',
};

export function isRawEventType(value: unknown): value is RawEventType {
  return typeof value === 'string' && Object.hasOwn(RAW_SCHEMAS, value);
}
