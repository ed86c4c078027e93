// A robot of a test's own over real HTTP: what it received, and an answer of the test's choice.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

/** @param answer what it says to a message's content; a WeCom robot in good health where it says nothing. */
export async function startTestRobot(answer: (content: string) => Answer = () => ({})) {
  const contents: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { text } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { text: { content: string } };
      const { status = 200, headers = {}, body = '{"errcode":0}' } = answer(text.content);
      if (status < 300 && body === '{"errcode":0}') contents.push(text.content);
      response.writeHead(status, headers).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/robot`,
    /** What it has taken. */
    contents,
    close: () => new Promise((resolve) => void server.close(resolve)),
  };
}
