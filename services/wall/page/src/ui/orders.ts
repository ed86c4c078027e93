// Giving an operator's commands, and what came of them in words.
import { useRef, useState } from 'preact/hooks';
import { onlyFiguresMoved } from '../board.ts';
import type { WallClient } from '../client.ts';
import { halfInLanguage, type Language, TEXTS } from '../i18n.ts';
import type { CommandResult } from '../ports.ts';
import type { Alert, CommandFields } from '../wire.ts';

/** So often a command is given again to a version in which only figures moved meanwhile. */
const FIGURES_MAY_MOVE = 3;

export interface Orders {
  /** A command waits for its outcome. */
  busy: boolean;
  give: (alert: Alert, fields: CommandFields) => Promise<CommandResult>;
}

/** @param learn takes what the outcome says of the alert */
export function useOrders(client: WallClient, learn: (alert: Alert) => void): Orders {
  const [busy, setBusy] = useState(false);
  /** The last command when its outcome is not known: given again, it keeps its name, and nothing is done twice. */
  const unknown = useRef<{ what: string; idem: string } | null>(null);
  const give = async (alert: Alert, fields: CommandFields) => {
    setBusy(true);
    try {
      const what = JSON.stringify([alert.alert_id, alert.version, fields]);
      const idem = unknown.current?.what === what ? unknown.current.idem : newIdem();
      let result = await client.command(alert, fields, idem);
      unknown.current = !result.ok && result.temporary ? { what, idem } : null;
      for (let again = 0; again < FIGURES_MAY_MOVE && !result.ok; again++) {
        if (result.code !== 'version_conflict' || result.alert === null || !onlyFiguresMoved(alert, result.alert))
          break;
        result = await client.command(result.alert, fields, newIdem());
      }
      if (result.alert !== null) learn(result.alert);
      return result;
    } finally {
      setBusy(false);
    }
  };
  return { busy, give };
}

/** Why nothing was done, by the code that the protocol gives; alerting words its refusals itself. */
export function failureOf(result: Extract<CommandResult, { ok: false }>, language: Language): string {
  const texts = TEXTS[language];
  if (result.code === 'version_conflict' && result.alert !== null) {
    const { by } = result.alert.transition;
    return texts.conflict(result.alert.version, by === 'system' ? texts.system : by);
  }
  return `${texts.failed}: ${texts.failures[result.code] ?? halfInLanguage(result.message, language)}`;
}

/** Not `crypto.randomUUID`, which a browser has on https only. */
function newIdem(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
