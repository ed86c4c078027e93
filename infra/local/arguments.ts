// Words behind one of our commands: read, or refused in one sentence; and how whatever refuses a command is said.
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { Refusal } from './refusal.ts';

/**
 * @param command as somebody types it before its options
 * @throws Refusal naming the word that the command does not know
 */
export function readArguments<const T extends ParseArgsConfig>(command: string, config: T) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new Refusal(`${(error as Error).message.replace(/\.?$/, '.')} ${command} --help lists the options.`);
  }
}

/** @throws Refusal */
export function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Refusal(`${option} is ${text}: expected a number above 0.`);
}

/** @throws Refusal */
export function whole(option: string, text: string, least = 0): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new Refusal(`${option} is ${text}: expected a whole number from ${least}.`);
}

/** What is printed of an error: a refusal as it is, anything else with where it came from. */
export function saidOf(error: unknown): string {
  return `${error instanceof Refusal ? error.message : (error as Error).stack}\n`;
}

/** Runs a command to its exit code: that of `main`, or 1 with what went wrong on stderr. */
export async function codeOf(main: () => Promise<number> | number): Promise<number> {
  try {
    return await main();
  } catch (error) {
    process.stderr.write(saidOf(error));
    return 1;
  }
}
