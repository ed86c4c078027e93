// The simulator's settings.
import { commonEnv, secret } from '@yunjian/service';
import { z } from 'zod';

export const simulatorEnv = z.object({
  ...commonEnv.shape,
  YJ_PORT: z.coerce.number().int().default(9106).describe('Port of health and metrics.'),
  YJ_SIM_SEED: z.coerce.number().int().default(1).describe('Seed of the city and of all that happens in it.'),
  YJ_SIM_SPEED: z.coerce
    .number()
    .min(1)
    .max(600)
    .default(1)
    .describe('Times faster than the clock; above 1 life starts in the past and drops to 1 on reaching now.'),
  YJ_SIM_RATE: z.coerce.number().positive().max(20).default(1).describe('Multiplier of the city’s traffic.'),
  YJ_SIM_BACKFILL_MINUTES: z.coerce
    .number()
    .min(20)
    .max(1440)
    .default(60)
    .describe('Minutes of life before the start that are told at once.'),
  YJ_SIM_HEARTBEAT_SECONDS: z.coerce
    .number()
    .min(5)
    .max(50)
    .default(20)
    .describe('Time between two heartbeats of a camera, s. Above 60 s of silence a camera counts as not alive.'),
  YJ_SIM_TRUTH: z
    .string()
    .default('.data/truth.ndjson')
    .describe('File that the truth is appended to, NDJSON. It names fictional persons in clear.'),
  YJ_SIM_STATE: z
    .string()
    .default('')
    .describe('File that keeps how far life has been told; empty: simulator-state.json beside the truth.'),
  YJ_INGEST_URL: z
    .string()
    .default('')
    .describe('URL of ingest’s HTTP door for settlements, trace events and the registry; empty: all goes to Kafka.'),
  YJ_INGEST_API_KEY: secret('development', 'API key for ingest’s HTTP door.'),
});
