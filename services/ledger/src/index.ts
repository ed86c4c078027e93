// What other parts of the product may use of the ledger: the judgement over a history port, and the history in memory.
export { clickhouseHistory } from './clickhouse-history.ts';
export { FiledOutlines } from './filed-outlines.ts';
export { type LedgerHistory, MemoryHistory } from './history.ts';
export { InstitutionPartition } from './institution/partition.ts';
export { MemoryBooks } from './institution/store.ts';
export { type LedgerOutput, LedgerPartition } from './judge.ts';
export { OutlineFile } from './outline-file.ts';
export { outlinePages } from './outline-pages.ts';
export { outlineRow, outlinesOf } from './outlines.ts';
export type { LedgerInput } from './rows.ts';
