// A question put to a running system, and its answer as text.
import { saidOf } from '../local/arguments.ts';
import { describeAlert } from './alert.ts';
import { describeCheckpoint } from './checkpoint.ts';
import { findGround } from './ground.ts';
import { describeLane } from './lane.ts';
import { HELP, readInspectOptions } from './options.ts';
import { describeShadows } from './shadow.ts';

/** What a command prints, and the code that it ends with. */
export interface Answer {
  code: 0 | 1;
  out: string;
  err: string;
}

/** @param args the words after `npm run inspect --` */
export async function inspect(args: string[], env: NodeJS.ProcessEnv): Promise<Answer> {
  try {
    return { code: 0, out: `${await describe(args, env)}\n`, err: '' };
  } catch (error) {
    return { code: 1, out: '', err: saidOf(error) };
  }
}

async function describe(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const options = readInspectOptions(args, env);
  if (options === undefined) return HELP;
  const ground = await findGround(options);
  const { question } = options;
  switch (question.what) {
    case 'checkpoint':
      return describeCheckpoint(ground, question);
    case 'lane':
      return describeLane(ground, question);
    case 'shadow':
      return describeShadows(ground, question);
    default:
      return describeAlert(ground, question.id);
  }
}
