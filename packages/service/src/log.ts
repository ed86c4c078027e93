// Structured logs: one event one line of JSON on standard output, personal data and secrets struck out wherever they stand.
import { type Logger, pino } from 'pino';

const STRUCK_OUT = [
  'psn_no',
  'psn_name',
  'certno',
  'mdtrt_cert_no',
  'token',
  'api_key',
  'authorization',
  'password',
  'key',
];

export type { Logger };

export function createLogger(service: string, level: string): Logger {
  return pino({
    base: { service },
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: STRUCK_OUT.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[struck out]' },
  });
}
