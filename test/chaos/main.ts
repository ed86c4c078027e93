// Process: `npm run chaos`. The whole chain on real parts under load while its parts are killed, stopped, woken and taken away; then
// everything is held against the oracles. Ends with code 1 when anything was lost, made up or told twice.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, positive, readArguments } from '@yunjian/infra/local/arguments.ts';
import { leaveNobodyBehind } from '@yunjian/infra/local/launch.ts';
import { closeAdmin } from '@yunjian/kafka';
import { letFaultsHappen } from './faults.ts';
import { readGateway } from './gateways.ts';
import { startSender } from './sender.ts';
import { startTown } from './town.ts';
import { verdictOf } from './verdict.ts';

const HELP = `npm run chaos [-- options]

  Two ingests, three detectors, two alertings, two walls, a ledger and an archiver on a broker and a ClickHouse of their own, under load:
  kill -9, processes that stand still for longer than a session and wake, the broker away, the broker standing still, ClickHouse away, a
  rolling restart of everything. Then the alert log, the archive and both gateways are held against the oracles.

  --minutes N                 length of the load and its faults (default 10; every kind of fault happens at least once)
  --seed N                    draws load and victims (default: from the clock; it is printed)
  --broker-away-seconds N     default 60, with less than 5 minutes 10
  --clickhouse-away-minutes N default 0.05: a restart
  --keep                      keeps data and logs, and says where
`;

const BROKER_AWAY_S = 60;
const BROKER_AWAY_BRIEFLY_S = 10;
const started = performance.now();
const say = (line: string) =>
  process.stdout.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);

leaveNobodyBehind();
process.exit(await codeOf(main));

async function main(): Promise<number> {
  const { values } = readArguments('npm run chaos --', {
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string' },
      'broker-away-seconds': { type: 'string' },
      'clickhouse-away-minutes': { type: 'string', default: '0.05' },
      keep: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const minutes = positive('--minutes', values.minutes);
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : positive('--seed', values.seed);
  const away = values['broker-away-seconds'];
  const plan = {
    seed,
    minutes,
    brokerAwayMs:
      1000 *
      (away === undefined
        ? minutes < 5
          ? BROKER_AWAY_BRIEFLY_S
          : BROKER_AWAY_S
        : positive('--broker-away-seconds', away)),
    clickhouseAwayMs: 60_000 * positive('--clickhouse-away-minutes', values['clickhouse-away-minutes']),
  };
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-chaos-'));
  say(`seed ${seed}, ${minutes} minutes${values.keep === true ? `, kept in ${directory}` : ''}`);
  const town = await startTown(directory, say);
  try {
    return await run(town, plan);
  } finally {
    await town.stop();
    await closeAdmin(town.kafka).catch(() => {});
    if (values.keep !== true) rmSync(directory, { recursive: true, force: true });
  }
}

async function run(town: Awaited<ReturnType<typeof startTown>>, plan: Parameters<typeof letFaultsHappen>[1]) {
  const readers = town.of('wall').map(({ name, process }) => readGateway(name, process.url, 'development'));
  const sender = startSender(plan.seed, () => town.of('ingest').map(({ process }) => process.url));
  const happened = await letFaultsHappen(town, plan, say);
  await sender.close();
  say(`the load ends: ${sender.waves()} waves, ${sender.accepted.size} events, ${sender.repeated()} requests repeated`);
  await town.ready();
  say('every process is ready; waiting until the log rests');
  const checks = [
    ...(await verdictOf(town, sender, readers)),
    { what: 'every SIGTERM drained within 10 s to code 0, and everybody was back', faults: happened.faults, note: '' },
  ];
  for (const reader of readers) reader.close();
  process.stdout.write(`\n${[...happened.counts].map(([what, times]) => `${what} × ${times}`).join(', ')}\n\n`);
  for (const { what, faults, note } of checks) {
    process.stdout.write(`${faults.length === 0 ? 'holds ' : 'BROKEN'}  ${what}${note === '' ? '' : ` (${note})`}\n`);
    for (const fault of faults) process.stdout.write(`    ${fault}\n`);
  }
  const broken = checks.filter(({ faults }) => faults.length > 0).length;
  process.stdout.write(
    broken === 0 ? '\nNothing was lost.\n' : `\n${broken} of ${checks.length} do not hold; --seed ${plan.seed}\n`,
  );
  return broken === 0 ? 0 : 1;
}
