// Parameters of card-cluster.
import { z } from 'zod';

export const clusterParams = z.object({
  persons: z.int().min(2).max(20).default(3).describe('Cards of so many persons. Source: detectors.md, 3.'),
  within: z
    .int()
    .min(60)
    .max(3600)
    .default(300)
    .describe('Settled within so long of each other, s. Source: detectors.md, 5 min; domain.md §4.'),
  days: z
    .int()
    .min(2)
    .max(30)
    .default(3)
    .describe('The same persons together on so many days. Source: detectors.md, 3 of 30.'),
  window: z.int().min(1).max(60).default(30).describe('Out of so many days, d. Source: detectors.md, 3 of 30.'),
});
export type ClusterParams = z.output<typeof clusterParams>;
