// In a dialog: the alert has moved on since it was opened. What changed and by whom, and a tick that it has been looked at.
import { stateOf } from '../board.ts';
import type { Texts } from '../i18n.ts';
import { reasonOf } from '../reasons.ts';
import type { Review } from '../review.ts';
import type { Alert } from '../wire.ts';
import { useAround } from './context.ts';

interface Props {
  review: Review;
  onLooked: (looked: boolean) => void;
}

export function Moved({ review: { begun, latest, steps, looked }, onLooked }: Props) {
  const { texts, language } = useAround();
  if (steps.length === 0) return null;
  return (
    <div class="moved">
      <div role="alert">
        <strong>{texts.dialog.moved(latest.version)}</strong>
        <ul>
          {changesOf(begun, latest, texts).map((change) => (
            <li key={change}>{change}</li>
          ))}
          {steps.map(({ version, transition }) => (
            <li key={version}>
              {transition.by === 'system' ? texts.system : transition.by}
              {` · ${texts.actions[transition.action] ?? transition.action}`}
              {transition.reason !== '' && ` · ${reasonOf(transition, language)}`}
            </li>
          ))}
        </ul>
      </div>
      <label class="choice">
        <input
          type="checkbox"
          name="looked"
          required
          checked={looked}
          onChange={(event) => onLooked(event.currentTarget.checked)}
        />
        {texts.dialog.looked(latest.version)}
      </label>
    </div>
  );
}

function changesOf(before: Alert, after: Alert, texts: Texts): string[] {
  const told = (alert: Alert): [string, string][] => [
    [texts.dialog.level, texts.levels[alert.level - 1] as string],
    [texts.dialog.state, texts.states[stateOf(alert)]],
    [texts.detail.assignee, alert.assignee ?? '—'],
    [texts.detail.evidence, String(alert.evidence.length)],
  ];
  const now = told(after);
  return told(before).flatMap(([name, was], i) => {
    const is = now[i]?.[1];
    return was === is ? [] : [`${name}: ${was} → ${is}`];
  });
}
