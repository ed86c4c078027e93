// Process for the lifecycle's tests: a service that behaves as the environment says. `/switch` turns its dependency off and on.
import { z } from 'zod';
import { commonEnv, createLogger, createMetrics, createProgress, readEnv, startService } from '../index.ts';

const env = readEnv(commonEnv.extend({ YJ_PORT: z.coerce.number().int(), BEHAVIOUR: z.string().default('well') }));
const metrics = createMetrics('probe');
const progress = createProgress(metrics);
let away = env.BEHAVIOUR === 'away';

await startService({
  name: 'probe',
  env,
  logger: createLogger('probe', env.YJ_LOG_LEVEL),
  metrics,
  drainLimitMs: 1_000,
  dependencies: [{ name: 'kafka', check: () => ({ ok: !away, reason: 'connection refused' }) }],
  details: () => ({ progress: progress.state() }),
  routes: (request, response) => {
    if (request.url === '/switch') away = !away;
    else if (request.url === '/reject') void Promise.reject(new Error('nobody caught this'));
    else if (request.url === '/throw') throw new Error('a handler failed');
    else return false;
    response.end();
    return true;
  },
  start: async () => {
    if (env.BEHAVIOUR === 'failing') throw new Error('the topic has the wrong partitions');
    progress.moved(1);
  },
  stop: () => new Promise((resolve) => setTimeout(resolve, env.BEHAVIOUR === 'hanging' ? 60_000 : 300)),
});
