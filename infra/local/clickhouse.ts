// The embedded ClickHouse as a process of the local stack.
import { join } from 'node:path';
import type { Command } from './command.ts';

const SERVER = join(import.meta.dirname, '../clickhouse/server.ts');

export function clickhouseCommand(directory: string, port: number): Command {
  return {
    file: process.execPath,
    args: [SERVER, directory, String(port)],
    // One thread per query that runs beside the others; UTC as in the official image.
    env: { UV_THREADPOOL_SIZE: '8', TZ: 'UTC' },
  };
}

/** Whether a ClickHouse answers at `url`. */
export async function clickhouseAnswers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/ping`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
