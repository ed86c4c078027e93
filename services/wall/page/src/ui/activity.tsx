// The latest happenings, newest first.
import type { Happening } from '../board.ts';
import { instant } from '../format.ts';
import { inLanguage } from '../i18n.ts';
import { AsOf, LevelShape } from './badge.tsx';
import { useAround } from './context.ts';

export function Activity({
  happenings,
  onOpen,
}: {
  happenings: readonly Happening[];
  onOpen: (alertId: string) => void;
}) {
  const { texts, language, now, names } = useAround();
  return (
    <section class="panel activity">
      <h2>
        {texts.activity} <AsOf />
      </h2>
      <ol>
        {happenings.map(({ key, at, action, alert }) => (
          <li key={key}>
            <button type="button" onClick={() => onOpen(alert.alert_id)}>
              <time>{instant(at, now)}</time>
              <LevelShape level={alert.level} />
              <span class={`action ${action}`}>{texts.actions[action] ?? action}</span>
              <span class="what">{inLanguage(alert.title, language)}</span>
              <span class="where">
                {names[alert.fixmedins_code ?? ''] ?? alert.fixmedins_code ?? alert.subject.ref}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
