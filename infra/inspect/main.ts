// Process: `npm run inspect`. For the engineer on call: what a checkpoint, a lane, an alert holds. It reads and writes nothing.
import { inspect } from './answer.ts';

const { code, out, err } = await inspect(process.argv.slice(2), process.env);
process.stdout.write(out);
process.stderr.write(err);
// At once: readers of the broker linger for a while.
process.exit(code);
