// What a settlement about to be made would breach: the rules' claims about each subject with it and without it, and the difference.
import {
  type FeeLine,
  type LaneEvent,
  parseDecimal,
  type ReviewJudged,
  type Settlement,
  yuan,
} from '@yunjian/contracts';
import type { LedgerReference, Raise } from '@yunjian/detection';
import { claimsOf } from '../claims.ts';
import { DocumentsSoFar } from '../documents.ts';
import { claimsById } from '../findings.ts';
import type { LedgerLane } from '../rows.ts';
import type { ParamsInForce } from '../rules.ts';
import type { Known } from './catalogue.ts';
import type { ReviewedRule } from './reviewed.ts';

/** One subject that the settlement touches: its history, and the record that the settlement would add to it. */
export interface Touched {
  lane: LedgerLane;
  history: readonly LaneEvent[];
  hypothetical: LaneEvent;
}

type Finding = ReviewJudged['findings'][number];

/**
 * By the parameters in force, of the institution that a claim names; a rule switched off says nothing. A rule that fails is told in
 * `reasons` by its id, the others answer.
 * @param settlement the whole one, whose lines tell amounts
 */
export function review(
  settlement: Settlement,
  touched: readonly Touched[],
  rules: readonly ReviewedRule[],
  { reference, params }: Known,
): { judged: ReviewJudged; failed: { rule: string; error: Error }[] } {
  const findings: Finding[] = [];
  const failed: { rule: string; error: Error }[] = [];
  for (const { lane, history, hypothetical } of touched) {
    const documents = new DocumentsSoFar();
    for (const event of history) documents.add(event);
    const without = [...documents.list()];
    documents.add(hypothetical);
    for (const reviewed of rules) {
      const own = reviewed.rule.lane === lane ? params(reviewed.rule) : null;
      if (own === null) continue;
      try {
        for (const claim of gained(reviewed, own, without, documents.list(), reference))
          findings.push(findingOf(reviewed, claim, settlement, without));
      } catch (error) {
        failed.push({ rule: reviewed.rule.id, error: error instanceof Error ? error : new Error(String(error)) });
      }
    }
  }
  const reasons = [...new Set(failed.map(({ rule }) => `${rule}: the rule could not judge this`))];
  return { judged: { findings: byGravity(findings), reasons }, failed };
}

/** Claims that only stand with the settlement, or say something else with it. */
function gained(
  { rule }: ReviewedRule,
  params: ParamsInForce,
  without: readonly LaneEvent[],
  withIt: readonly LaneEvent[],
  reference: LedgerReference,
): Raise[] {
  const before = claimsById(rule, without.length === 0 ? [] : claimsOf(rule, without, reference, params));
  const claims = claimsById(rule, claimsOf(rule, withIt, reference, params));
  return [...claims]
    .filter(([id, claim]) => JSON.stringify(before.get(id)) !== JSON.stringify(claim))
    .map(([, claim]) => claim);
}

function findingOf(
  { rule, grade }: ReviewedRule,
  claim: Raise,
  settlement: Settlement,
  history: readonly LaneEvent[],
): Finding {
  const { explanation } = rule.texts;
  const title = claim.title ?? rule.texts.title;
  const about = claim.subject.kind === 'code' ? claim.subject.ref : null;
  return {
    rule_id: claim.detector ?? rule.id,
    rule_name: title.zh,
    vola_cont: about === null ? explanation.zh : `追溯码 ${about}:${explanation.zh}`,
    vola_amt: yuan(amountOf(settlement, claim)),
    sev_deg: grade,
    level: claim.level ?? rule.level,
    en: { rule_name: title.en, vola_cont: about === null ? explanation.en : `Code ${about}: ${explanation.en}` },
    vola_evid: evidenceOf(claim, history),
  };
}

/** The review's amount (`inscp_amt`) of the lines concerned, where the sender names it, else what they cost; without any the fund's part; fen. */
function amountOf(settlement: Settlement, claim: Raise): number {
  const lines = concerned(settlement, claim);
  if (lines.length === 0) return settlement.fund;
  return lines.reduce((sum, line) => sum + (insuredOf(line) ?? line.amount), 0);
}

/** Lines that carry the code of which the claim is, or that the claim itself names as this settlement's. */
function concerned(settlement: Settlement, { subject, institution, facts }: Raise): FeeLine[] {
  const { lines } = settlement.cold.get();
  if (subject.kind === 'code') return lines.filter(({ codes }) => codes.includes(subject.ref));
  if (institution !== settlement.institution || facts.settlement !== settlement.settlementId) return [];
  const named = [facts.lines, facts.items].flat() as ({ line?: string } | undefined)[];
  return lines.filter(({ line }) => named.some((each) => each?.line === line));
}

function insuredOf(line: object): number | null {
  const amount = (line as { extra?: Record<string, unknown> }).extra?.inscp_amt;
  if (typeof amount !== 'string' && typeof amount !== 'number') return null;
  return parseDecimal(amount, 2) ?? null;
}

/** Each document with the institution it is of; what names the settlement under review alone is left out. */
function evidenceOf(claim: Raise, history: readonly LaneEvent[]): Finding['vola_evid'] {
  return claim.evidence.flatMap((each) => {
    const institutions = history.filter((event) => isNamed(event, each.ref)).map(({ institution }) => institution);
    return [...new Set(institutions)].map((fixmedins_code) => ({ ...each, fixmedins_code }));
  });
}

function isNamed(event: LaneEvent, ref: string): boolean {
  return event.document === ref || ('settlementId' in event && event.settlementId === ref);
}

function byGravity(findings: Finding[]): Finding[] {
  const rank = ({ sev_deg, level }: Finding) => (sev_deg === '违规' ? 0 : 10) + level;
  return findings.sort((a, b) => rank(a) - rank(b) || (a.rule_id < b.rule_id ? -1 : a.rule_id > b.rule_id ? 1 : 0));
}
