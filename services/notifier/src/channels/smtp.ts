// E-mail over SMTP.
import { createTransport } from 'nodemailer';
import { Refused, type Transport } from './port.ts';

const TIMEOUT_MS = 10_000;

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
        await mail.sendMail({
          from,
          to: [...recipients],
          subject: message.subject,
          text: message.text,
          messageId: `<${message.id}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        const { responseCode, code } = error as { responseCode?: number; code?: string };
        const forGood = code === 'EENVELOPE' && responseCode !== undefined && responseCode >= 500;
        throw forGood ? new Refused(`the mail server answered ${responseCode}`) : error;
      }
    },
    close: () => mail.close(),
  };
}
