// What must be true when the town has come to rest: held against the oracles, the log, the archive and the gateways.
import { createClickHouse } from '@yunjian/clickhouse';
import { NotInTime, until } from '@yunjian/infra/local/until.ts';
import { acceptedEvents, alertLog, contradictions, expectedOf, newestOf, standing } from '../chain/outcome.ts';
import { firstDocuments } from '../oracle/documents.ts';
import { type GatewayReader, hashOf } from './gateways.ts';
import type { Sender } from './sender.ts';
import type { Town } from './town.ts';
import { trailOf } from './trail.ts';

const REST_MS = 240_000;
/** The longest wait of a judgement whose cameras all speak, with marks and ticks behind it, ms. */
const DUE_MS = 15_000;
const SHOWN = 10;
const EXPLAINED = 4;

export interface Check {
  what: string;
  /** Empty: it holds. */
  faults: string[];
  note: string;
}

export async function verdictOf(town: Town, sender: Sender, readers: readonly GatewayReader[]): Promise<Check[]> {
  const { kafka, names } = town;
  const events = await acceptedEvents(kafka, names);
  const ids = new Set(events.map(({ cold }) => cold.get().eventId));
  const lost = [...sender.accepted].filter((id) => !ids.has(id));
  const expected = expectedOf(events);
  const settled = Math.max(...events.map(({ arrival }) => arrival)) + DUE_MS;
  const inTime = await reached(
    async () =>
      Date.now() > settled && JSON.stringify(standing(await alertLog(kafka, names))) === JSON.stringify(expected),
  );
  const stands = standing(await alertLog(kafka, names));
  return [
    check('every event that was answered for is in the raw topics', lost, `${sender.accepted.size} events`),
    check(
      'the alert log stands where the oracles say',
      inTime ? [] : await explained(town, differences(expected, stands)),
      `${expected.length} alerts`,
    ),
    check('no version is told twice differently', contradictions(await alertLog(kafka, names)), ''),
    await archiveCheck(town, events),
    ...(await gatewayChecks(town, readers)),
    check('no process ended by itself', town.deaths, ''),
  ];
}

function check(what: string, faults: readonly string[], note: string): Check {
  const more = faults.length > SHOWN ? [`… ${faults.length - SHOWN} more`] : [];
  return { what, faults: [...faults.slice(0, SHOWN), ...more], note };
}

function differences(expected: readonly string[], stands: readonly string[]): string[] {
  const [should, does] = [new Set(expected), new Set(stands)];
  return [
    ...expected.filter((each) => !does.has(each)).map((each) => `lost: ${each}`),
    ...stands.filter((each) => !should.has(each)).map((each) => `made up: ${each}`),
  ];
}

/** The first few with their documents' way through the log. */
async function explained(town: Town, faults: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const [i, fault] of faults.entries()) {
    const subject = /[^/ ]+(?= \S+ L\d$)/.exec(fault)?.[0];
    const trail = i >= EXPLAINED || subject === undefined ? [] : await trailOf(town, subject);
    lines.push([fault, ...trail.map((each) => `      ${each}`)].join('\n'));
  }
  return lines;
}

async function reached(condition: () => Promise<boolean>): Promise<boolean> {
  try {
    await until(condition, REST_MS, () => 'not reached');
    return true;
  } catch (error) {
    if (error instanceof NotInTime) return false;
    throw error;
  }
}

async function archiveCheck(town: Town, events: Awaited<ReturnType<typeof acceptedEvents>>): Promise<Check> {
  const settlements = firstDocuments(events).filter(({ kind }) => kind === 'settlement' || kind === 'reversal').length;
  const clickhouse = createClickHouse({ url: town.clickhouse.address, database: 'yj' });
  let rows = 0;
  const inTime = await reached(async () => {
    rows = (await clickhouse.query<{ n: number }>('SELECT count() AS n FROM settlements_current'))[0]?.n ?? 0;
    return rows === settlements;
  });
  await clickhouse.close();
  return check(
    'the archive holds every settlement and reversal once',
    inTime ? [] : [`it holds ${rows} of ${settlements}`],
    `${settlements} documents`,
  );
}

async function gatewayChecks(town: Town, readers: readonly GatewayReader[]): Promise<Check[]> {
  let wanted = '';
  const inTime = await reached(async () => {
    wanted = hashOf(newestOf(await alertLog(town.kafka, town.names)).values());
    return readers.every((reader) => reader.hashes.get(reader.at() ?? '') === wanted);
  });
  const apart: string[] = [];
  let common = 0;
  const [first, ...others] = readers;
  for (const [position, hash] of first?.hashes ?? [])
    for (const other of others) {
      const found = other.hashes.get(position);
      if (found === undefined) continue;
      common++;
      if (found !== hash) apart.push(`at ${position}: ${first?.name} ${hash}, ${other.name} ${found}`);
    }
  const faults = readers.flatMap((reader) => reader.faults);
  const connections = readers.map((reader) => `${reader.name} ${reader.connections()}`).join(', ');
  return [
    check('gateways agree by hash at the same position', apart, `${common} positions compared`),
    check(
      'every gateway comes to what the log holds',
      inTime ? [] : readers.map((r) => `${r.name}: ${r.hashes.get(r.at() ?? '') ?? 'nothing'}, the log: ${wanted}`),
      '',
    ),
    check('a reader that keeps versions was told nothing twice', faults, `connections: ${connections}`),
  ];
}
