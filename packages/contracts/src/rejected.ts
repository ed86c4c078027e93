// Refused events (yj.rejected): what came, where, and why.
import { z } from 'zod';

export const rejectedRecord = z.object({
  /** The raw record; null when it was refused at the HTTP door. */
  origin: z.object({ topic: z.string(), partition: z.int(), offset: z.int() }).nullable(),
  reason: z.string(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })),
  /** What came, base64. */
  bytes: z.string(),
  arrived_at: z.iso.datetime({ offset: true }),
});
export type RejectedRecord = z.infer<typeof rejectedRecord>;
