// The alert list: only the rows in view are in the document, so thousands cost no more than a screenful.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Choice, stateOf, type Tab, under } from '../board.ts';
import { age, count, fittingMoney, instant } from '../format.ts';
import { inLanguage } from '../i18n.ts';
import { refName } from '../names.ts';
import type { Alert } from '../wire.ts';
import { AsOf, LevelBadge } from './badge.tsx';
import { useAround, useEmpty } from './context.ts';
import { useSteady } from './steady.ts';

const OVERSCAN = 6;
const TABS: readonly Tab[] = ['open', 'acked', 'shelved', 'active'];

interface Props {
  /** As they are to be listed. */
  alerts: readonly Alert[];
  counts: Record<Tab, number>;
  choice: Choice;
  chips: { label: string; clear: () => void }[];
  selected: string | null;
  onChoice: (change: Partial<Choice>) => void;
  onSelect: (alertId: string) => void;
  onOpen: (alertId: string) => void;
}

export function List({ alerts: listed, counts, choice, chips, selected, onChoice, onSelect, onOpen }: Props) {
  const { texts, known } = useAround();
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800, row: 68 });
  const { rows: alerts, ...pointer } = useSteady(listed, choice);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      const row = rem * Number.parseFloat(getComputedStyle(element).getPropertyValue('--row'));
      setView((v) => ({ ...v, height: element.clientHeight, row }));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  const index = selected === null ? -1 : alerts.findIndex((alert) => alert.alert_id === selected);
  const here = index >= 0;
  useEffect(() => {
    const element = box.current;
    if (element === null || !here) return;
    const top = index * view.row;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + view.row > element.scrollTop + element.clientHeight)
      element.scrollTop = top + view.row - element.clientHeight;
  }, [selected, here]);

  const first = Math.max(0, Math.floor(view.top / view.row) - OVERSCAN);
  const last = Math.min(alerts.length, Math.ceil((view.top + view.height) / view.row) + OVERSCAN);
  const narrowed = chips.length > 0 || choice.search.trim() !== '';
  const empty = useEmpty(narrowed ? texts.none : texts.noneOf[choice.tab]);
  return (
    <section class="panel list" aria-label={texts.list}>
      <div class="list-head">
        <div role="tablist" class="tabs" aria-label={texts.list}>
          {TABS.map((tab) => (
            <button
              type="button"
              role="tab"
              key={tab}
              aria-selected={choice.tab === tab}
              aria-controls="alerts"
              onClick={() => onChoice({ tab })}
            >
              {texts.tabs[tab]} <b>{known ? count(counts[tab]) : '…'}</b>
            </button>
          ))}
        </div>
        <AsOf />
        <input
          type="search"
          id="search"
          aria-label={texts.searchPlaceholder}
          placeholder={texts.searchPlaceholder}
          value={choice.search}
          onInput={(event) => onChoice({ search: event.currentTarget.value })}
        />
      </div>
      {chips.length > 0 && (
        <div class="chips">
          {chips.map(({ label, clear }) => (
            <button type="button" key={label} onClick={clear}>
              {label} <span aria-hidden="true">✕</span>
            </button>
          ))}
        </div>
      )}
      <div
        class="scroll"
        id="alerts"
        ref={box}
        role="listbox"
        tabIndex={0}
        aria-label={texts.tabs[choice.tab]}
        aria-activedescendant={index >= first && index < last ? `row-${index}` : undefined}
        {...pointer}
        onScroll={(event) => {
          const top = event.currentTarget.scrollTop;
          setView((v) => ({ ...v, top }));
        }}
      >
        <div class="space" style={{ height: `${alerts.length * view.row}px` }}>
          {alerts.slice(first, last).map((alert, i) => (
            <Row
              key={alert.alert_id}
              alert={alert}
              index={first + i}
              total={alerts.length}
              top={(first + i) * view.row}
              selected={alert.alert_id === selected}
              tells={choice.tab === 'active'}
              onSelect={onSelect}
              onOpen={onOpen}
            />
          ))}
        </div>
        {alerts.length === 0 && <p class="empty">{empty}</p>}
      </div>
    </section>
  );
}

interface RowProps {
  alert: Alert;
  index: number;
  total: number;
  top: number;
  selected: boolean;
  /** Its state is not said by the list that it is in. */
  tells: boolean;
  onSelect: (alertId: string) => void;
  onOpen: (alertId: string) => void;
}

function Row({ alert, index, total, top, selected, tells, onSelect, onOpen }: RowProps) {
  const { texts, language, now, names } = useAround();
  const state = stateOf(alert);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled for the whole page, the listbox included
    // biome-ignore lint/a11y/useFocusableInteractive: the listbox has the focus and names its active row
    <div
      id={`row-${index}`}
      class={`alert level-${alert.level} ${selected ? 'selected' : ''} ${under(alert) === null ? '' : 'under'} ${state}`}
      role="option"
      aria-selected={selected}
      aria-setsize={total}
      aria-posinset={index + 1}
      data-alert={alert.alert_id}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => {
        onSelect(alert.alert_id);
        onOpen(alert.alert_id);
      }}
    >
      <LevelBadge level={alert.level} />
      <div class="title">
        <strong>
          {inLanguage(alert.title, language)}
          {(alert.escalation ?? 0) > 0 && <em class="escalated">{texts.escalated(alert.escalation ?? 0)}</em>}
        </strong>
        <div class="place">
          <span>
            {[names[alert.fixmedins_code ?? ''] ?? alert.fixmedins_code, alert.grid.slice(1).join(' ')]
              .filter(Boolean)
              .join(' · ') || refName(alert.subject.ref, names, texts.sources)}
          </span>
          {(tells || alert.assignee) && (
            <span class={`state ${state}`}>
              {[tells && texts.states[state], alert.assignee].filter(Boolean).join(' · ')}
            </span>
          )}
        </div>
      </div>
      <div class="amount">{alert.amount === null ? '' : fittingMoney(alert.amount, language)}</div>
      <div class="when">
        <time dateTime={alert.event_time}>{instant(alert.event_time, now)}</time>
        <span>{age(now - Date.parse(alert.event_time), texts)}</span>
      </div>
    </div>
  );
}
