// What every service has in common: settings, logs, metrics, health, an orderly life.
export * from './env.ts';
export * from './lifecycle.ts';
export * from './log.ts';
export * from './metrics.ts';
export * from './progress.ts';
