// Raw surveillance feed: what cameras and sign-in terminals at the counter report.
import { z } from 'zod';
import { deviceId, flag, institutionCode, integer, numeric, optional, text } from '../scalars.ts';
import { envelope, evidence } from './settlement.ts';

export const identityCheck = z.looseObject({
  ...envelope,
  event_type: z.literal('identity_check'),
  fixmedins_code: institutionCode,
  device_id: deviceId,
  result: z.enum(['passed', 'failed', 'skipped'], { error: 'expected passed, failed or skipped' }),
  method: z.enum(['face', 'id_card', 'e_voucher', 'manual'], { error: 'expected face, id_card, e_voucher or manual' }),
  psn_no: optional(text(64)),
  dev_no: optional(text(64)),
  similarity: optional(numeric),
  evidence: optional(evidence),
});

export const presence = z.looseObject({
  ...envelope,
  event_type: z.literal('presence'),
  fixmedins_code: institutionCode,
  device_id: deviceId,
  persons: integer(0, 100_000),
  dev_no: optional(text(64)),
  evidence: optional(evidence),
});

export const staffPresence = z.looseObject({
  ...envelope,
  event_type: z.literal('staff_presence'),
  fixmedins_code: institutionCode,
  role: z.enum(['pharmacist', 'doctor', 'nurse'], { error: 'expected pharmacist, doctor or nurse' }),
  present: flag,
  staff_code: optional(text(64)),
  device_id: optional(deviceId),
});

export const cameraStatus = z.looseObject({
  ...envelope,
  event_type: z.literal('camera_status'),
  fixmedins_code: institutionCode,
  device_id: deviceId,
  status: z.enum(['online', 'offline', 'blocked', 'tampered'], {
    error: 'expected online, offline, blocked or tampered',
  }),
});

export const heartbeat = z.looseObject({
  ...envelope,
  event_type: z.literal('heartbeat'),
  fixmedins_code: institutionCode,
  device_id: deviceId,
});
