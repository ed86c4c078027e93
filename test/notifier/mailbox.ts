// A mail server and a robot of a test's own: real protocols, and what they received.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  to: string[];
  messageId: string;
  subject: string;
  text: string;
}

export interface Mailbox {
  url: string;
  mails: Mail[];
  close(): Promise<void>;
}

/** @param port 0: any; answers: what it says, while they stand there, to addresses that it does not take, or to MAIL and DATA. */
export async function startMailbox(port = 0, answers: Record<string, string> = {}): Promise<Mailbox> {
  const mails: Mail[] = [];
  const refusal = (to: string): Error | null => {
    const answer = answers[to];
    if (answer === undefined) return null;
    return Object.assign(new Error(answer.slice(4)), { responseCode: Number(answer.slice(0, 3)) });
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onMailFrom: (_address, _session, done) => done(refusal('MAIL')),
    onRcptTo: ({ address }, _session, done) => done(refusal(address)),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const refused = refusal('DATA');
        if (refused !== null) return done(refused);
        mails.push(
          read(
            Buffer.concat(chunks).toString('utf8'),
            session.envelope.rcptTo.map(({ address }) => address),
          ),
        );
        done();
      });
    },
  });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  const { port: taken } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${taken}`,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function read(raw: string, to: string[]): Mail {
  const cut = raw.indexOf('\r\n\r\n');
  const headers = raw.slice(0, cut).replace(/\r\n[ \t]+/g, ' ');
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(headers)?.[1] ?? '';
  const body = raw.slice(cut + 4).trim();
  const encoding = header('Content-Transfer-Encoding').trim();
  const text = encoding === 'base64' ? Buffer.from(body, 'base64').toString('utf8') : quotedPrintable(body, encoding);
  return { to, messageId: header('Message-ID').trim(), subject: words(header('Subject')), text };
}

/** RFC 2047 words. */
function words(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, coded: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(coded, 'base64').toString('utf8')
        : quotedPrintable(coded.replaceAll('_', ' '), 'quoted-printable'),
    )
    .trim();
}

function quotedPrintable(text: string, encoding: string): string {
  if (encoding !== 'quoted-printable') return text;
  const bytes = text
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

export interface Robot {
  url: string;
  received: Record<string, unknown>[];
  close(): Promise<void>;
}

/** @param port 0: any. */
export async function startRobot(port = 0): Promise<Robot> {
  const received: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>);
      response.end('{"errcode":0}');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/robot`,
    received,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
