// The services of the system: names, usual ports, and which secret each one is told.
import { join } from 'node:path';

export type Secret = 'YJ_API_KEYS' | 'YJ_WALL_TOKENS' | 'YJ_PSEUDONYM_KEY' | 'YJ_INGEST_API_KEY';

export interface Service {
  name: string;
  /** Usual port of its HTTP endpoint (YJ_PORT). */
  port: number;
  secrets: readonly Secret[];
}

export const SERVICES: readonly Service[] = [
  { name: 'ingest', port: 8081, secrets: ['YJ_API_KEYS', 'YJ_PSEUDONYM_KEY'] },
  { name: 'detector', port: 9101, secrets: [] },
  { name: 'ledger', port: 9102, secrets: [] },
  { name: 'alerting', port: 9103, secrets: [] },
  { name: 'archiver', port: 9104, secrets: ['YJ_PSEUDONYM_KEY'] },
  { name: 'notifier', port: 9105, secrets: [] },
  { name: 'wall', port: 8080, secrets: ['YJ_WALL_TOKENS'] },
  { name: 'simulator', port: 9106, secrets: ['YJ_INGEST_API_KEY'] },
];

export const KAFKA_PORT = 9092;
export const KAFKA_CONTROLLER_PORT = 9093;
export const CLICKHOUSE_PORT = 8123;

const REPOSITORY = join(import.meta.dirname, '../..');

/** The file that `node` runs for a service. */
export function entryOf(service: string): string {
  return join(REPOSITORY, 'services', service, 'src', 'main.ts');
}

/** Builds the wall's page into services/wall/dist. */
export const PAGE_BUILD = join(REPOSITORY, 'services', 'wall', 'build.ts');
