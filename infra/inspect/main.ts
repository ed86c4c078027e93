// Process: `npm run inspect`. For the engineer on call: what a checkpoint, a lane, an alert holds. It reads and writes nothing.
import { Refusal } from '../local/refusal.ts';
import { describeAlert } from './alert.ts';
import { describeCheckpoint } from './checkpoint.ts';
import { findGround, type Ground } from './ground.ts';
import { describeLane } from './lane.ts';
import { HELP, type InspectQuestion, readInspectOptions } from './options.ts';

// At once: readers of the broker linger for a while.
process.exit(await main());

async function main(): Promise<number> {
  try {
    const options = readInspectOptions(process.argv.slice(2), process.env);
    if (options === undefined) {
      process.stdout.write(HELP);
      return 0;
    }
    const ground = await findGround(options);
    process.stdout.write(`${await answer(ground, options.question)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Refusal ? error.message : (error as Error).stack}\n`);
    return 1;
  }
}

function answer(ground: Ground, question: InspectQuestion): Promise<string> {
  switch (question.what) {
    case 'checkpoint':
      return describeCheckpoint(ground, question);
    case 'lane':
      return describeLane(ground, question);
    default:
      return describeAlert(ground, question.id);
  }
}
