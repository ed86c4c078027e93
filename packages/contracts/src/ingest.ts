// What the HTTP door of ingest answers.
import { z } from 'zod';

/** 202: how many were accepted, and which records were refused, by their place in the request. */
export const ingestAnswer = z.object({
  accepted: z.int().min(0),
  rejected: z.array(
    z.object({
      index: z.int().min(0),
      event_id: z.string().nullable(),
      issues: z.array(z.object({ path: z.string(), message: z.string() })),
    }),
  ),
});
export type IngestAnswer = z.infer<typeof ingestAnswer>;

/** Every error over HTTP (RFC 9457). */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
});
