// The whole page: what is chosen and selected, and how the parts hang together.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Board, type Choice, listed, stateOf, type Tab } from '../board.ts';
import type { WallClient } from '../client.ts';
import { conditionOf } from '../condition.ts';
import type { WallHttp } from '../http.ts';
import { keepLanguage, keptLanguage, type Language, TEXTS, type Texts } from '../i18n.ts';
import { detectorName } from '../names.ts';
import type { Alert, CommandFields } from '../wire.ts';
import { Absent } from './absent.tsx';
import { Activity } from './activity.tsx';
import { cityOf, figuresAge, silence, staleness } from './ages.ts';
import { useAlarm } from './alarm.ts';
import { Banner, GravestAloud } from './banner.tsx';
import { Bulletins } from './bulletins.tsx';
import { Around, useBoard, useTick } from './context.ts';
import { type Asking, DecisionDialog } from './decision.tsx';
import { type Action, Detail } from './detail.tsx';
import { Help } from './dialog.tsx';
import { Levels, Periods, Rate } from './figures.tsx';
import { useKeptFocus } from './focus.ts';
import { Header } from './header.tsx';
import { useKeys } from './keys.ts';
import { type Life, LifePanel } from './life.tsx';
import { List } from './list.tsx';
import { useLore } from './lore.ts';
import { Matrix } from './matrix.tsx';
import { useNotice } from './notice.ts';
import { useOpened } from './opened.ts';
import { failureOf, useOrders } from './orders.ts';
import { Ranking } from './ranking.tsx';

const EVERYTHING: Choice = {
  tab: 'open',
  level: null,
  district: null,
  grid: null,
  detector: null,
  institution: null,
  search: '',
};
const TABS: readonly Tab[] = ['open', 'acked', 'shelved', 'active'];

interface Props {
  board: Board;
  client: WallClient;
  http: WallHttp;
}

export function App({ board, client, http }: Props) {
  const version = useBoard(board);
  const localNow = useTick();
  const [language, setLanguage] = useState<Language>(keptLanguage);
  const [choice, setChoice] = useState<Choice>(EVERYTHING);
  const [selected, setSelected] = useState<string | null>(null);
  const [dialog, setDialog] = useState<{ action: Asking; alert: Alert } | 'help' | 'bulletins' | null>(null);
  const [life, setLife] = useState<Life | null>(null);
  const { notice, say } = useNotice();
  const texts = TEXTS[language];
  const now = localNow + board.offset;

  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    keepLanguage(language);
  }, [language, texts]);

  const { alerts, counts, open } = useMemo(() => {
    const tally: Record<Tab, number> = { open: 0, acked: 0, shelved: 0, active: board.alerts.size };
    const byLevel = [0, 0, 0, 0];
    for (const alert of board.alerts.values()) {
      const state = stateOf(alert);
      if (state === 'open') byLevel[alert.level - 1] = (byLevel[alert.level - 1] ?? 0) + 1;
      if (state === 'open' || state === 'acked' || state === 'shelved') tally[state]++;
    }
    return { alerts: listed(board.alerts.values(), choice, board.names), counts: tally, open: byLevel };
  }, [board, version, choice]);

  const condition = conditionOf({ status: board.status, health: board.health, open: counts.open, now: localNow });
  const live = condition.kind !== 'stale' || !condition.socket;
  const staleMs = staleness(condition, board, localNow);
  const partialMs = Math.max(silence(condition, now), figuresAge(board, now));
  const alarm = useAlarm(board.gravest);

  const grave = open[0] ?? 0;
  const title = titleOf(texts, grave, condition.kind === 'stale');
  useEffect(() => {
    document.title = title;
  }, [title]);

  const meanings = useLore(board, http);
  useKeptFocus('alerts');

  const opened = useOpened(board, http);
  const current = opened.alert;
  useEffect(() => {
    if (opened.id !== null) setSelected(opened.id);
  }, [opened.id]);

  const place = useRef(0);
  const index = alerts.findIndex((alert) => alert.alert_id === selected);
  if (index >= 0) place.current = index;
  const move = (by: number) => {
    const from = index >= 0 ? index + by : by > 0 ? place.current : place.current - 1;
    const next = alerts[Math.min(alerts.length - 1, Math.max(0, from))];
    if (next === undefined) return;
    setSelected(next.alert_id);
    if (opened.id !== null) opened.open(next.alert_id);
  };
  const target = current ?? (index >= 0 ? (alerts[index] ?? null) : null);

  const orders = useOrders(client, (alert) => {
    board.learn(alert);
    opened.learn(alert);
  });
  const perform = async (alert: Alert, fields: CommandFields) => {
    const next = alerts[index + 1] ?? alerts[index - 1];
    const result = await orders.give(alert, fields);
    if (!result.ok) say('failed', failureOf(result, language));
    else {
      say('done', texts.done(texts.actions[fields.action] ?? fields.action));
      if (opened.id === null && next !== undefined) setSelected(next.alert_id);
    }
    return result;
  };
  const act = (action: Action) => {
    if (target === null || orders.busy || opened.gone) return;
    if (action === 'ack' || action === 'unack' || action === 'unshelve') void perform(target, { action, reason: '' });
    else setDialog({ action, alert: target });
  };

  const change = (part: Partial<Choice>) => setChoice((was) => ({ ...was, ...part }));
  const level = (n: number) => change({ level: choice.level === n ? null : n });
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => target !== null && opened.open(target.alert_id),
    a: () => act('ack'),
    u: () => act('unack'),
    g: () => act('assign'),
    s: () => act(target?.state.shelved ? 'unshelve' : 'shelve'),
    d: () => act('dispose'),
    t: () => change({ tab: TABS[(TABS.indexOf(choice.tab) + 1) % TABS.length] as Tab }),
    b: () => setDialog('bulletins'),
    m: alarm.toggle,
    PageDown: () => scrollDetail(1),
    PageUp: () => scrollDetail(-1),
    l: () => setLanguage(language === 'zh' ? 'en' : 'zh'),
    '1': () => level(1),
    '2': () => level(2),
    '3': () => level(3),
    '4': () => level(4),
    '/': () => document.getElementById('search')?.focus(),
    '?': () => setDialog('help'),
    Escape: () => (opened.id !== null ? opened.close() : setChoice({ ...EVERYTHING, tab: choice.tab })),
  });

  const chips = [
    choice.level !== null && { label: texts.levels[choice.level - 1] as string, clear: () => change({ level: null }) },
    choice.district !== null && { label: choice.district, clear: () => change({ district: null, grid: null }) },
    choice.grid !== null && { label: choice.grid.split('/').slice(2).join(' '), clear: () => change({ grid: null }) },
    choice.institution !== null && {
      label: board.names[choice.institution] ?? choice.institution,
      clear: () => change({ institution: null }),
    },
    choice.detector !== null && {
      label: detectorName(choice.detector, language),
      clear: () => change({ detector: null }),
    },
  ].filter((chip) => chip !== false);

  const meaning = current === null ? null : (meanings.find((m) => m.id === current.detector) ?? null);
  return (
    <Around.Provider value={{ language, texts, now, staleMs, partialMs, known: board.known, names: board.names }}>
      <div
        class={`wall ${condition.kind} ${staleMs > 0 ? 'old' : partialMs > 0 ? 'partial' : ''} ${opened.id === null ? '' : 'with-detail'} ${alarm.flashing ? 'alarm' : ''}`}
      >
        <Header
          city={cityOf(board)}
          health={board.health?.value ?? null}
          live={live}
          operator={board.operator}
          alarm={alarm}
          onLanguage={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
          onBulletins={() => setDialog('bulletins')}
          onHelp={() => setDialog('help')}
        />
        <Banner
          condition={condition}
          status={board.status}
          waiting={counts.open}
          firstLevel={grave}
          gravest={board.gravest}
          standing={board.alerts.get(board.gravest?.alert.alert_id ?? '') ?? null}
          localNow={localNow}
          onOpen={opened.open}
        />
        <main>
          <div class="column left">
            <Levels open={open} chosen={choice.level} onChoose={(n) => change({ level: n })} />
            <Periods kpis={board.kpis} />
            <Rate hours={board.kpis?.rate_24h ?? []} />
            <Ranking today={board.kpis?.today ?? null} choice={choice} onChoose={change} />
          </div>
          <div class="column middle">
            <List
              alerts={alerts}
              counts={counts}
              choice={choice}
              chips={chips}
              selected={selected}
              onChoice={change}
              onSelect={setSelected}
              onOpen={opened.open}
            />
          </div>
          <div class="column right">
            {opened.id === null && (
              <>
                <Matrix
                  alerts={board.alerts}
                  version={version}
                  known={board.kpis?.grids ?? []}
                  choice={choice}
                  onChoose={change}
                />
                <Activity happenings={board.happenings} onOpen={opened.open} />
              </>
            )}
            {opened.id !== null && current === null && <Absent {...opened} />}
            {current !== null && (
              <Detail
                key={current.alert_id}
                alert={current}
                gone={opened.gone}
                meaning={meaning}
                loadHistory={http.alert}
                busy={orders.busy}
                onAction={act}
                onLife={setLife}
                onClose={opened.close}
              />
            )}
          </div>
        </main>
        <div class={`notice ${notice?.kind ?? ''}`} role="status" aria-live="polite">
          {notice?.text}
        </div>
        <GravestAloud gravest={board.gravest} />
        {life !== null && <LifePanel http={http} life={life} onClose={() => setLife(null)} />}
        {dialog === 'help' && <Help onClose={() => setDialog(null)} />}
        {dialog === 'bulletins' && <Bulletins http={http} onClose={() => setDialog(null)} />}
        {dialog !== null && typeof dialog === 'object' && (
          <DecisionDialog
            {...dialog}
            board={board}
            http={http}
            busy={orders.busy}
            onSubmit={perform}
            onClose={() => setDialog(null)}
          />
        )}
      </div>
    </Around.Provider>
  );
}

/** What a tab in the background must tell comes first, since little of it is seen. */
function titleOf(texts: Texts, grave: number, stale: boolean): string {
  const calls = [grave > 0 && texts.titleGrave(grave), stale && `⚠ ${texts.stale}`].filter((part) => part !== false);
  return [...calls, texts.product, texts.subtitle].join(' · ');
}

/** By most of its height; @param way 1 down, -1 up */
function scrollDetail(way: 1 | -1): void {
  const body = document.querySelector('.detail-body');
  body?.scrollBy({ top: way * body.clientHeight * 0.85 });
}
