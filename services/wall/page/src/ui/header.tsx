// Name, freshness of every source with its age, clock, language.
import { age, clockTime, date } from '../format.ts';
import type { Health, SourceState } from '../wire.ts';
import type { Alarm } from './alarm.ts';
import { useAround } from './context.ts';

interface Props {
  city: string | null;
  health: Health | null;
  live: boolean;
  operator: string | null;
  alarm: Alarm;
  onLanguage: () => void;
  onBulletins: () => void;
  onHelp: () => void;
}

const MARKS = { live: '●', stale: '▲', never: '✕' } as const;

export function Header({ city, health, live, operator, alarm, onLanguage, onBulletins, onHelp }: Props) {
  const { texts, now, language } = useAround();
  return (
    <header class="top">
      <div class="brand">
        <Emblem />
        <div>
          <h1>
            {texts.product}
            {city !== null && <span class="city">{city}</span>}
          </h1>
          <p>{texts.subtitle}</p>
        </div>
      </div>
      <ul class="sources" aria-label={texts.freshness}>
        {(health?.sources ?? []).map((source) => (
          <Source key={source.name} source={source} live={live} />
        ))}
      </ul>
      <div class="clock">
        <time>{clockTime(now)}</time>
        <span>
          {date(now)}
          {operator !== null && ` · ${operator}`}
        </span>
      </div>
      <div class="tools">
        <button type="button" class="wide" onClick={onBulletins}>
          {texts.bulletins.button}
        </button>
        <button
          type="button"
          class={`wide sound ${alarm.sound}`}
          aria-pressed={alarm.sound !== 'off'}
          title={texts.sound.states[alarm.sound]}
          onClick={alarm.toggle}
        >
          {texts.sound.name} <small>{texts.sound.short[alarm.sound]}</small>
        </button>
        <button type="button" onClick={onLanguage} aria-label={texts.otherLanguage}>
          {language === 'zh' ? 'EN' : '中'}
        </button>
        <button type="button" onClick={onHelp} aria-label={texts.help.title}>
          ?
        </button>
      </div>
    </header>
  );
}

function Source({ source, live }: { source: SourceState; live: boolean }) {
  const { texts, now } = useAround();
  const state = live ? source.state : source.state === 'never' ? 'never' : 'stale';
  const at = source.last_event_at ?? source.clock_at;
  const since = at === null ? '—' : age(now - Date.parse(at), texts);
  const name = texts.sources[source.name] ?? source.name;
  return (
    <li class={`source ${state}`} data-source={source.name} title={at ?? undefined}>
      <span class="mark" aria-hidden="true">
        {MARKS[state]}
      </span>
      <span class="name">{name}</span>
      <span class="age">
        <span class="hidden">{texts.sourceStates[state]} </span>
        {since}
      </span>
    </li>
  );
}

function Emblem() {
  return (
    <svg class="emblem" viewBox="0 0 48 48" aria-hidden="true">
      <path class="ring" d="M24 3 43 11v13c0 11-8 18-19 21C13 42 5 35 5 24V11Z" />
      <path class="pulse" d="M11 25h7l3-8 6 15 3-7h7" />
    </svg>
  );
}
