// Ports of the local stack: are they free, and which ones are.
import { randomInt } from 'node:crypto';
import { type AddressInfo, createServer, type Server } from 'node:net';

function listen(port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Whether nothing listens on `port` of this machine, on the loopback address or on all of them. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    try {
      await close(await listen(port, host));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EADDRINUSE' || code === 'EACCES') return false;
      throw error;
    }
  }
  return true;
}

/**
 * Below what Linux and macOS hand out to outgoing connections: a connection made while a service is down must not sit
 * on the port that the service comes back to.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** `count` different ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  try {
    while (held.length < count) {
      const port = randomInt(LOWEST, HIGHEST);
      if (await isFree(port)) held.push(await listen(port, '127.0.0.1'));
    }
    return held.map((server) => (server.address() as AddressInfo).port);
  } finally {
    await Promise.all(held.map(close));
  }
}
