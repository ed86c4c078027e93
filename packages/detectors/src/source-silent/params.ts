// Parameters of source-silent.
import { z } from 'zod';

export const sourceSilentParams = z.object({
  feed: z.int().min(1).default(30).describe('Silence of a whole feed, s. Source: detectors.md, 30 s.'),
  device: z.int().min(60).default(600).describe('Silence of a registered camera, s. Source: detectors.md, 10 min.'),
});
export type SourceSilentParams = z.output<typeof sourceSilentParams>;
