// Pure alerting: findings and operators' commands become versions of alerts.
export * from './alerting.ts';
export { sameJson } from './equality.ts';
export { Rebuild } from './rebuild.ts';
export * from './settings.ts';
export { memoryTables, type StateTable, type StateTables } from './tables.ts';
