// Raw reference feed: institutions, budgets, justifications, persons' status and the drug catalogue.
import { z } from 'zod';
import {
  amount,
  deviceId,
  flag,
  instantOrDate,
  instantOrLastDay,
  institutionCode,
  integer,
  latitude,
  longitude,
  numeric,
  optional,
  positive,
  text,
} from '../scalars.ts';
import { envelope } from './settlement.ts';

/** A bureau's own code may stand in place of an institution's where the event applies to every institution. */
const anyAuthority = text(64);

export const institution = z.looseObject({
  ...envelope,
  event_type: z.literal('institution'),
  fixmedins_code: institutionCode,
  name: text(256),
  kind: z.enum(['hospital', 'clinic', 'pharmacy'], { error: 'expected hospital, clinic or pharmacy' }),
  level: optional(z.union([z.string(), z.number()])),
  admdvs: optional(z.union([z.string(), z.number()])),
  grid: optional(z.array(z.string().max(128)).max(8)),
  lon: optional(longitude),
  lat: optional(latitude),
  open_hours: optional(z.unknown()),
  counters: optional(z.array(z.looseObject({ dev_no: optional(text(64)), device_id: optional(deviceId) }))),
});

const WEIGHT_TOLERANCE = 1e-6;

export const budget = z
  .looseObject({
    ...envelope,
    event_type: z.literal('budget'),
    fixmedins_code: institutionCode,
    year: integer(2000, 2200),
    quarter: integer(1, 4),
    amount,
    weights: optional(z.array(numeric).length(3, { error: 'expected 3 monthly shares' })),
    /** Same-period index (同期指标): what the quarter may cost by comparison with the year before. */
    index: optional(amount),
  })
  .check((ctx) => {
    const { weights } = ctx.value;
    if (weights === null) return;
    const sum = weights.reduce((a, b) => a + b, 0);
    if (Math.abs(sum - 1) > WEIGHT_TOLERANCE || weights.some((w) => w < 0))
      ctx.issues.push({
        code: 'custom',
        path: ['weights'],
        message: `expected 3 shares of 0 or more that sum to 1, got a sum of ${sum}`,
        input: weights,
      });
  });

export const justification = z.looseObject({
  ...envelope,
  event_type: z.literal('justification'),
  fixmedins_code: institutionCode,
  year: integer(2000, 2200),
  quarter: integer(1, 4),
  reason: text(4096),
  approved_by: text(256),
  valid_until: optional(instantOrLastDay),
});

export const personStatus = z.looseObject({
  ...envelope,
  event_type: z.literal('person_status'),
  fixmedins_code: anyAuthority,
  psn_no: text(64),
  status: z.enum(['deceased', 'suspended', 'active'], { error: 'expected deceased, suspended or active' }),
  effective_at: instantOrDate,
});

/** A trace-code prefix with its packaging level; `code_prefix` is read as `prefix`. Output: {prefix, level}. */
const drugPrefix = z.preprocess(
  (v) =>
    typeof v === 'object' && v !== null && 'code_prefix' in v && !('prefix' in v) ? { ...v, prefix: v.code_prefix } : v,
  z.looseObject({ prefix: text(32), level: integer(1, 3) }),
);

export const drug = z.looseObject({
  ...envelope,
  event_type: z.literal('drug'),
  fixmedins_code: anyAuthority,
  med_list_codg: text(64),
  name: text(512),
  rx_flag: optional(flag),
  pack_size: optional(positive),
  max_days: optional(integer(0, 3650)),
  prefixes: optional(z.array(drugPrefix)),
});
