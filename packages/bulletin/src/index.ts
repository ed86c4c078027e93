// The quarterly bulletin: figures, page, sheets, letters, revisions.

export { quarterBefore } from './archive.ts';
export { issueBulletin, issueOf, issuesOf } from './issue.ts';
export { type Letter, lettersOf, type Templates } from './letters.ts';
export { pageOf } from './page.ts';
export { latestRules } from './rules.ts';
export { csvOf, xlsxOf } from './sheets.ts';
