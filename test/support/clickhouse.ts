// A ClickHouse of a test's own, to kill and to bring back on the same port and data.
import { join } from 'node:path';
import { clickhouseAnswers, clickhouseCommand } from '@yunjian/infra/local/clickhouse.ts';
import { freePorts } from '@yunjian/infra/local/ports.ts';
import { type LocalServer, serverOf } from './broker.ts';

/** Starts the embedded ClickHouse on a free port with its data and log in `directory`. */
export async function startClickhouse(directory: string): Promise<LocalServer> {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const command = clickhouseCommand(join(directory, 'clickhouse'), port!);
  return serverOf(url, command, join(directory, 'clickhouse.log'), () => clickhouseAnswers(url));
}
