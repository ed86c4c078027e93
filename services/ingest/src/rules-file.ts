// rules.yaml as the router sees it: read again when it changes; a wrong file leaves the last right one as it is and says why.
import { readFile, stat } from 'node:fs/promises';
import { digest, type RuleChange } from '@yunjian/contracts';
import { readRules } from '@yunjian/detection';
import { detectors, ledgerRules } from '@yunjian/detectors';
import { parse } from 'yaml';

const DEFINITIONS = [...detectors, ...ledgerRules];

export interface RulesState {
  file: string | null;
  valid: boolean;
  /** Of the last right file; null: none was right, or none is named. */
  version: string | null;
  /** Why the file as it is now is not taken. */
  reason?: string;
}

export interface RulesFile {
  /** Looks at the file. Null: no file is named, or it has never been right. */
  poll(): Promise<RuleChange | null>;
  state(): RulesState;
}

/**
 * @param path empty: no file, the documented defaults hold
 * @param onWrong once for each wrong state of the file; the reason names detector, parameter, what came and what is expected
 */
export function createRulesFile(path: string, onWrong: (reason: string) => void): RulesFile {
  let seen = '';
  let right: RuleChange | null = null;
  let reason: string | null = null;

  const refuse = (why: string): void => {
    if (why === reason) return;
    reason = why;
    onWrong(why);
  };

  return {
    poll: async () => {
      if (path === '') return null;
      try {
        const { mtimeMs, size, ino } = await stat(path);
        const now = `${mtimeMs}/${size}/${ino}`;
        if (now !== seen) {
          const change = changeOf(await readFile(path, 'utf8'));
          right = change;
          reason = null;
          seen = now;
        }
      } catch (error) {
        seen = '';
        refuse(error instanceof Error ? error.message : String(error));
      }
      return right;
    },
    state: () => ({
      file: path === '' ? null : path,
      valid: reason === null,
      version: right?.ruleVersion ?? null,
      ...(reason === null ? {} : { reason }),
    }),
  };
}

/** @throws Error where the text is no YAML or its rules do not fit the detectors. */
export function changeOf(text: string): RuleChange {
  const rules = readRules(parse(text), DEFINITIONS);
  return { kind: 'ruleChange', ruleVersion: digest(JSON.stringify(rules), 11), rules };
}
