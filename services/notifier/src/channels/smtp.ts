// E-mail over SMTP.
import { createTransport } from 'nodemailer';
import { type Missed, Refused, type Transport } from './port.ts';

const TIMEOUT_MS = 10_000;
/** A mailbox that does not exist, is elsewhere, or whose name is none (RFC 5321 §4.2.3). 554 is also what a wrong relay says of everybody. */
const NO_SUCH_MAILBOX = new Set([550, 551, 553]);
/** Policy and security (RFC 3463 §3.8), e.g. "550 5.7.1 relaying denied": the server's setting, not the mailbox. */
const POLICY = /^5\d\d[ -]5\.7\./;
const MESSAGE_TOO_LARGE = 552;

/** What nodemailer tells of a failure, as far as we read it. */
interface Failure {
  message: string;
  code?: string | undefined;
  command?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
  recipient?: string | undefined;
  rejectedErrors?: Failure[] | undefined;
}

/** @param url smtp://user:password@host:port or smtps://… */
export function smtpTransport(url: string, from: string): Transport {
  const mail = createTransport({
    url,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: 3 * TIMEOUT_MS,
  });
  return {
    room: Number.POSITIVE_INFINITY,
    send: async (message, recipients) => {
      try {
        const { rejectedErrors = [] } = await mail.sendMail({
          from,
          to: [...recipients],
          subject: message.subject,
          text: message.text,
          messageId: `<${message.id}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return missedOf(rejectedErrors, recipients);
      } catch (error) {
        const failure = error as Failure;
        if (failure.rejectedErrors !== undefined) return missedOf(failure.rejectedErrors, recipients);
        const { command, responseCode } = failure;
        if (command === 'DATA' && responseCode === MESSAGE_TOO_LARGE) throw new Refused(reasonOf(failure));
        throw new Error(reasonOf(failure));
      }
    },
    close: () => mail.close(),
  };
}

function missedOf(failures: readonly Failure[], recipients: readonly string[]): Missed[] {
  return failures.flatMap((failure) => {
    const recipient = recipients.find((each) => bare(each) === bare(failure.recipient ?? ''));
    const { responseCode = 0, response = '' } = failure;
    const forGood = NO_SUCH_MAILBOX.has(responseCode) && !POLICY.test(response);
    return recipient === undefined ? [] : [{ recipient, reason: reasonOf(failure), forGood }];
  });
}

/** `Duty <a@x>` and `A@x` are `a@x`. */
function bare(address: string): string {
  return (/<([^<>]*)>\s*$/.exec(address)?.[1] ?? address).trim().toLowerCase();
}

/** In the server's words, addresses hidden. */
function reasonOf({ response, code, message }: Failure): string {
  if (response !== undefined) return `the mail server answered ${response.replace(/[^\s<>"']+@[^\s<>"']+/g, '…')}`;
  return code === 'EENVELOPE' ? 'an address, or the sender, is none' : message;
}
