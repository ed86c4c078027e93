// Process: the supervisor of the local stack behind `npm start`. Started by infra/bootstrap.mjs.
import { mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import { Stack } from './bring-up.ts';
import { HELP, readOptions, type StackOptions } from './options.ts';
import { planOf, urlOf } from './plan.ts';
import { ProcessRecord } from './process-record.ts';
import { Refusal } from './refusal.ts';
import { secretsOf } from './secrets.ts';
import { StackFile } from './stack-file.ts';
import { NotInTime } from './until.ts';

const begun = performance.now();
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Aborted when a person, or the process that started this one, wants it to end. */
const asked = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort());
process.once('disconnect', () => asked.abort());

process.exit(await main());

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), process.env);
    if (options === undefined) say(HELP);
    else await run(options);
    return 0;
  } catch (error) {
    if (asked.signal.aborted) return 0;
    const known = error instanceof Refusal || error instanceof NotInTime;
    process.stderr.write(`${known ? error.message : (error as Error).stack}\n`);
    return 1;
  }
}

async function run(options: StackOptions): Promise<void> {
  mkdirSync(options.data, { recursive: true });
  const record = new ProcessRecord(options.data);
  try {
    const file = new StackFile(options.data);
    const orphans = await record.endOrphans();
    if (orphans.length > 0) say(`Ended what an earlier start left running: ${orphans.join(', ')}`);
    const plan = await planOf(options);
    const secrets = secretsOf(options.data);
    const givenUp = new AbortController();
    const signal = AbortSignal.any([asked.signal, givenUp.signal]);
    const stack = new Stack({ options, plan, secrets, record, file, say, signal });
    try {
      say(`Yunjian starts, its data in ${relative(process.cwd(), options.data) || '.'}`);
      await stack.up();
      say(`Everything is ready after ${((performance.now() - begun) / 1000).toFixed(1)} s; Ctrl-C ends it.`);
      if (plan.services.some((service) => service.name === 'wall')) {
        say(`\n  The wall: ${urlOf(plan, 'wall')}/#token=${secrets.wallToken}\n`);
      }
      await aborted(asked.signal);
    } finally {
      givenUp.abort();
      say('Stopping');
      await stack.down();
      say('Stopped');
    }
  } finally {
    record.release();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
