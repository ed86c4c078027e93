// The secrets of one local stack: random, made once, kept beside its data.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Secrets {
  /** For ingest's HTTP door, without institution limit. */
  apiKey: string;
  wallToken: string;
  /** Changing it would cut every person's history in two. */
  pseudonymKey: string;
}

/** Reads `directory`/secrets.json, or makes it (readable by its owner alone). */
export function secretsOf(directory: string): Secrets {
  const file = join(directory, 'secrets.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Secrets;
  const random = () => randomBytes(24).toString('base64url');
  const secrets = { apiKey: random(), wallToken: random(), pseudonymKey: random() };
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}
