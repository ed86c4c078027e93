// The whole page: what is chosen and selected, and how the parts hang together.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Board, type Choice, listed, stateOf, type Tab } from '../board.ts';
import type { WallClient } from '../client.ts';
import { conditionOf } from '../condition.ts';
import type { WallHttp } from '../http.ts';
import { halfInLanguage, inLanguage, type Language, TEXTS } from '../i18n.ts';
import { detectorName } from '../names.ts';
import type { Alert, CommandFields, DetectorText, SourceState } from '../wire.ts';
import { Activity } from './activity.tsx';
import { Banner } from './banner.tsx';
import { Bulletins } from './bulletins.tsx';
import { Around, useBoard, useTick } from './context.ts';
import { type Action, Detail } from './detail.tsx';
import { ActionDialog, Help } from './dialog.tsx';
import { Levels, Periods, Rate } from './figures.tsx';
import { Header } from './header.tsx';
import { useKeys } from './keys.ts';
import { type Life, LifePanel } from './life.tsx';
import { List } from './list.tsx';
import { Matrix } from './matrix.tsx';
import { useNotice } from './notice.ts';
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
const LANGUAGE_KEY = 'yunjian.language';

interface Props {
  board: Board;
  client: WallClient;
  http: WallHttp;
}

export function App({ board, client, http }: Props) {
  const version = useBoard(board);
  const localNow = useTick();
  const [language, setLanguage] = useState<Language>(() => (localStorage.getItem(LANGUAGE_KEY) === 'en' ? 'en' : 'zh'));
  const [choice, setChoice] = useState<Choice>(EVERYTHING);
  const [selected, setSelected] = useState<string | null>(null);
  const [shown, setShown] = useState<Alert | null>(null);
  const [dialog, setDialog] = useState<Exclude<Action, 'ack' | 'unack' | 'unshelve'> | 'help' | 'bulletins' | null>(
    null,
  );
  const [life, setLife] = useState<Life | null>(null);
  const [busy, setBusy] = useState(false);
  const [meanings, setMeanings] = useState<DetectorText[]>([]);
  const { notice, say } = useNotice();
  const texts = TEXTS[language];
  const now = localNow + board.offset;

  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.title = `${texts.product} · ${texts.subtitle}`;
    localStorage.setItem(LANGUAGE_KEY, language);
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
  const staleMs = staleness(
    condition.kind === 'stale' && (condition.socket || condition.gateway !== null),
    board,
    localNow,
  );

  const partialMs = condition.kind === 'stale' ? silence(condition.sources, now) : 0;

  const greeted = board.operator !== null;
  useEffect(() => {
    if (!greeted) return;
    http.catalogue().then((loaded) => loaded !== null && setMeanings(loaded));
    http.institutions().then((names) => names !== null && board.set({ names }));
  }, [greeted, http, board]);

  const current = shown === null ? null : (board.alerts.get(shown.alert_id) ?? shown);
  const openDetail = useCallback(
    (id: string) => {
      setSelected(id);
      const alert = board.alerts.get(id);
      if (alert !== undefined) setShown(alert);
      else http.alert(id).then((loaded) => loaded !== null && setShown(loaded.alert));
    },
    [board, http],
  );

  const place = useRef(0);
  const index = alerts.findIndex((alert) => alert.alert_id === selected);
  if (index >= 0) place.current = index;
  const move = (by: number) => {
    const from = index >= 0 ? index + by : by > 0 ? place.current : place.current - 1;
    const next = alerts[Math.min(alerts.length - 1, Math.max(0, from))];
    if (next === undefined) return;
    setSelected(next.alert_id);
    if (shown !== null) setShown(next);
  };
  const target = current ?? (index >= 0 ? (alerts[index] ?? null) : null);

  const perform = async (alert: Alert, fields: CommandFields) => {
    setBusy(true);
    const next = alerts[index + 1] ?? alerts[index - 1];
    const result = await client.command(alert, fields, crypto.randomUUID());
    setBusy(false);
    if (result.alert !== null) {
      board.learn(result.alert);
      setShown((was) => (was?.alert_id === alert.alert_id ? result.alert : was));
    }
    if (result.ok) {
      say('done', texts.done(texts.actions[fields.action] ?? fields.action));
      if (shown === null && next !== undefined) setSelected(next.alert_id);
    } else if (result.code === 'version_conflict' && result.alert !== null) {
      const by = result.alert.transition.by === 'system' ? texts.system : result.alert.transition.by;
      say('failed', texts.conflict(result.alert.version, by));
    } else say('failed', `${texts.failed}: ${halfInLanguage(result.message, language)}`);
  };
  const act = (action: Action) => {
    if (target === null || busy) return;
    if (action === 'ack' || action === 'unack' || action === 'unshelve') void perform(target, { action, reason: '' });
    else setDialog(action);
  };

  const change = (part: Partial<Choice>) => setChoice((was) => ({ ...was, ...part }));
  const level = (n: number) => change({ level: choice.level === n ? null : n });
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => target !== null && openDetail(target.alert_id),
    a: () => act('ack'),
    g: () => act('assign'),
    s: () => act(target?.state.shelved ? 'unshelve' : 'shelve'),
    d: () => act('dispose'),
    t: () => change({ tab: TABS[(TABS.indexOf(choice.tab) + 1) % TABS.length] as Tab }),
    l: () => setLanguage(language === 'zh' ? 'en' : 'zh'),
    '1': () => level(1),
    '2': () => level(2),
    '3': () => level(3),
    '4': () => level(4),
    '/': () => document.getElementById('search')?.focus(),
    '?': () => setDialog('help'),
    Escape: () => (shown !== null ? setShown(null) : setChoice({ ...EVERYTHING, tab: choice.tab })),
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

  const gravest = board.happenings.find(({ action, alert }) => action === 'raise' && alert.level === 1);
  const meaning = current === null ? null : (meanings.find((m) => m.id === current.detector) ?? null);
  return (
    <Around.Provider value={{ language, texts, now, staleMs, partialMs, names: board.names }}>
      <div
        class={`wall ${condition.kind} ${staleMs > 0 ? 'old' : partialMs > 0 ? 'partial' : ''} ${current === null ? '' : 'with-detail'}`}
      >
        <Header
          city={cityOf(board)}
          health={board.health?.value ?? null}
          live={live}
          operator={board.operator}
          onLanguage={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
          onBulletins={() => setDialog('bulletins')}
          onHelp={() => setDialog('help')}
        />
        <Banner condition={condition} status={board.status} firstLevel={open[0] ?? 0} localNow={localNow} />
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
              onOpen={openDetail}
            />
          </div>
          <div class="column right">
            {current === null ? (
              <>
                <Matrix
                  alerts={board.alerts}
                  version={version}
                  known={board.kpis?.grids ?? []}
                  choice={choice}
                  onChoose={change}
                />
                <Activity happenings={board.happenings} onOpen={openDetail} />
              </>
            ) : (
              <Detail
                key={current.alert_id}
                alert={current}
                gone={!board.alerts.has(current.alert_id)}
                meaning={meaning}
                loadHistory={http.alert}
                busy={busy}
                onAction={act}
                onLife={setLife}
                onClose={() => setShown(null)}
              />
            )}
          </div>
        </main>
        <div class={`notice ${notice?.kind ?? ''}`} role="status" aria-live="polite">
          {notice?.text}
        </div>
        <div class="hidden" aria-live="polite">
          {gravest !== undefined && `${texts.levels[0]}: ${inLanguage(gravest.alert.title, language)}`}
        </div>
        {life !== null && <LifePanel http={http} life={life} onClose={() => setLife(null)} />}
        {dialog === 'help' && <Help onClose={() => setDialog(null)} />}
        {dialog === 'bulletins' && <Bulletins http={http} onClose={() => setDialog(null)} />}
        {dialog !== null && dialog !== 'help' && dialog !== 'bulletins' && target !== null && (
          <ActionDialog
            action={dialog}
            now={now}
            onClose={() => setDialog(null)}
            onSubmit={(fields) => {
              setDialog(null);
              void perform(target, fields);
            }}
          />
        )}
      </div>
    </Around.Provider>
  );
}

function staleness(stale: boolean, board: Board, localNow: number): number {
  if (!stale) return 0;
  const gatewayAt = board.health?.value.gateway.current_at ?? null;
  const heard = board.status.heardAt;
  const since = Math.min(
    heard ?? Number.POSITIVE_INFINITY,
    gatewayAt === null ? Number.POSITIVE_INFINITY : Date.parse(gatewayAt) - board.offset,
  );
  return Number.isFinite(since) ? Math.max(1, localNow - since) : 1;
}

function silence(sources: readonly SourceState[], now: number): number {
  const ages = sources.map(({ last_event_at, clock_at }) => {
    const at = last_event_at ?? clock_at;
    return at === null ? 0 : now - Date.parse(at);
  });
  return Math.max(0, ...ages);
}

function cityOf(board: Board): string | null {
  for (const { grid } of board.kpis?.grids ?? []) if (grid.length > 1) return grid[0] ?? null;
  return null;
}
