// The latest happenings, newest first.
import type { Happening } from '../board.ts';
import { instant } from '../format.ts';
import { detectorName, refName } from '../names.ts';
import { AsOf, LevelShape } from './badge.tsx';
import { useAround, useEmpty } from './context.ts';

export function Activity({
  happenings,
  onOpen,
}: {
  happenings: readonly Happening[];
  onOpen: (alertId: string) => void;
}) {
  const { texts, language, now, names } = useAround();
  const empty = useEmpty(texts.nothingYet);
  return (
    <section class="panel activity" aria-label={texts.activity}>
      <h2>
        {texts.activity} <AsOf />
      </h2>
      {happenings.length === 0 && <p class="empty">{empty}</p>}
      <ol>
        {happenings.map(({ key, at, action, alert }) => (
          <li key={key}>
            <button type="button" onClick={() => onOpen(alert.alert_id)}>
              <time>{instant(at, now)}</time>
              <LevelShape level={alert.level} />
              <span class="hidden">{texts.levels[alert.level - 1]}</span>
              <span class={`action ${action}`}>{texts.actions[action] ?? action}</span>
              <span class="what">{detectorName(alert.detector, language)}</span>
              <span class="where">{refName(alert.fixmedins_code ?? alert.subject.ref, names, texts.sources)}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
