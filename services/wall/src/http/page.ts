// The built page: files of the dist folder, read once, under a policy that lets nothing in from elsewhere.
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

export interface Page {
  /** Whether the path is one of the page's files; if so the response has been sent. */
  serve(path: string, head: boolean, response: ServerResponse): boolean;
}

/** @param dist folder that `node services/wall/build.ts` writes; a missing one is answered with what to do. */
export function loadPage(dist: string): Page {
  const files = new Map<string, { type: string; body: Buffer }>();
  for (const name of listing(dist)) {
    const type = TYPES[extname(name)];
    if (type !== undefined) files.set(`/${name}`, { type, body: readFileSync(join(dist, name)) });
  }
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  return {
    serve(path, head, response) {
      const file = files.get(path);
      if (file !== undefined) {
        const cache = file === index ? 'no-cache' : 'public, max-age=31536000, immutable';
        const headers = { 'content-type': file.type, 'cache-control': cache, 'content-length': file.body.length };
        response.writeHead(200, { ...SECURITY_HEADERS, ...headers });
        response.end(head ? undefined : file.body);
        return true;
      }
      if (path !== '/') return false;
      response.writeHead(503, { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' });
      response.end('The page has not been built: run `node services/wall/build.ts` and start the wall again.\n');
      return true;
    },
  };
}

function listing(dist: string): string[] {
  try {
    return readdirSync(dist);
  } catch {
    return [];
  }
}
