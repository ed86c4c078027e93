// Asking the ledger for a review: within a limit, and never more at a time than it can answer.
import { type ReviewAsked, type ReviewJudged, reviewJudged } from '@yunjian/contracts';

/** Resolves within the limit to what the ledger says, or to the reason why it says nothing. */
export type AskLedger = (asked: ReviewAsked) => Promise<ReviewJudged>;

/** Reviews under way; at a thousand a second each may take a quarter of one. */
const MAX_UNDER_WAY = 256;

/** @param url of the ledger service @param withinMs how long a till waits */
export function askingLedger(url: string, withinMs: number): AskLedger {
  const path = `${url.replace(/\/+$/, '')}/internal/review`;
  let underWay = 0;
  return async (asked) => {
    if (underWay >= MAX_UNDER_WAY) return unwell('too many reviews are under way');
    underWay++;
    const limit = AbortSignal.timeout(withinMs);
    const body = JSON.stringify(asked);
    const post = () => fetch(path, { method: 'POST', body, signal: limit });
    try {
      // A ledger that has just closed a resting connection is there on another.
      const response = await post().catch(post);
      if (response.status !== 200) return unwell(`the ledger answers with status ${response.status}`);
      return reviewJudged.parse(await response.json());
    } catch {
      return unwell(limit.aborted ? `the ledger has not answered within ${withinMs} ms` : 'the ledger does not answer');
    } finally {
      underWay--;
    }
  };
}

function unwell(reason: string): ReviewJudged {
  return { findings: [], reasons: [reason] };
}
