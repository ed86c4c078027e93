// POST /v1/review: what a settlement about to be made would breach, as the sender reads it, and what ingest and the ledger tell each other.
import { z } from 'zod';
import { evidenceRef } from './alert.ts';

/** Grades of the national review (domain.md §1): a breach (违规) contradicts what is known, a warning (警告) may have its reasons. */
export const REVIEW_GRADES = ['违规', '警告'] as const;

const finding = {
  rule_id: z.string(),
  /** 中文; English stands beside it under `en`. */
  rule_name: z.string(),
  /** What is wrong. */
  vola_cont: z.string(),
  /** The amount in question in yuan: of the lines concerned, else the fund's part of the settlement. */
  vola_amt: z.string(),
  sev_deg: z.enum(REVIEW_GRADES),
  /** 1–4, as an alert about it would have. */
  level: z.int().min(1).max(4),
  en: z.object({ rule_name: z.string(), vola_cont: z.string() }),
};

/** A document that the finding rests on, and whose it is; null where that is not known. */
const reviewEvidence = evidenceRef.extend({ fixmedins_code: z.string().nullable() });

export const reviewFinding = z.object({
  ...finding,
  /** Documents of institutions that the API key covers. */
  vola_evid: z.array(reviewEvidence),
  /** How many more there are at other institutions. */
  elsewhere: z.int().min(0),
});

/** 200: always answered in time; `degraded` says that something could not be reviewed, and `reasons` what and why. */
export const reviewAnswer = z.object({
  result: z.array(reviewFinding),
  degraded: z.boolean(),
  reasons: z.array(z.string()).optional(),
});
export type ReviewAnswer = z.infer<typeof reviewAnswer>;

/** From ingest to the ledger: the lane records that the settlement would become, persons as pseudonyms. */
export const reviewAsked = z.object({
  records: z.array(z.object({ lane: z.enum(['person', 'code']), value: z.string() })),
});
export type ReviewAsked = z.infer<typeof reviewAsked>;

/** From the ledger to ingest: every finding with all its evidence, and whose each document is. */
export const reviewJudged = z.object({
  findings: z.array(z.object({ ...finding, vola_evid: z.array(reviewEvidence) })),
  /** What could not be reviewed, and why. */
  reasons: z.array(z.string()),
});
export type ReviewJudged = z.infer<typeof reviewJudged>;
