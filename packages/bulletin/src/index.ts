// The quarterly bulletin: figures, page, sheets, letters, revisions.

export { quarterBefore } from './archive.ts';
export { issueBulletin, lastIssue } from './issue.ts';
export { type Letter, lettersOf, type Templates } from './letters.ts';
export { pageOf } from './page.ts';
export { csvOf, xlsxOf } from './sheets.ts';
