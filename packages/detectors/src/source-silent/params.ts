// Parameters of source-silent.
import { z } from 'zod';

export const sourceSilentParams = z.object({
  feed: z.int().min(1).default(30).describe('Silence of a whole feed, s. Source: detectors.md, 30 s.'),
  device: z.int().min(60).default(600).describe('Silence of a registered camera, s. Source: detectors.md, 10 min.'),
  settlements: z
    .int()
    .min(600)
    .default(7200)
    .describe(
      'Least silence of an institution’s settlements within its opening hours, s. Source: detectors.md, at least 2 h.',
    ),
  habitShare: z
    .number()
    .min(0.5)
    .max(1)
    .default(0.999)
    .describe(
      'Share of an institution’s own gaps between settlements that its silence must exceed, as a fraction. Source: detectors.md, p99.9.',
    ),
  habitGaps: z
    .int()
    .min(1)
    .default(30)
    .describe(
      'Gaps that must be known before a habit is spoken of, count. Source: our choice, a day of a small pharmacy.',
    ),
});
export type SourceSilentParams = z.output<typeof sourceSilentParams>;
