// The one line that says how things stand as a whole.

import { type Happening, stateOf } from '../board.ts';
import type { Condition } from '../condition.ts';
import { age } from '../format.ts';
import { inLanguage, type Texts } from '../i18n.ts';
import { refName } from '../names.ts';
import type { ClientStatus } from '../ports.ts';
import type { Alert } from '../wire.ts';
import { LevelBadge } from './badge.tsx';
import { useAround } from './context.ts';

/** For so long after the page heard of it the latest first-level alert is named beside the number of those that wait. */
const NEWEST_MS = 300_000;
/** What works on the sources: it is behind, where a source is silent. */
const STAGES: ReadonlySet<string> = new Set(['alerting', 'detector', 'ledger']);

interface Props {
  condition: Condition;
  status: ClientStatus;
  /** Unacknowledged alerts. */
  waiting: number;
  /** Of these: at the first level. */
  firstLevel: number;
  /** The latest that came to the first level. */
  gravest: Happening | null;
  /** The same as it now stands on the board. */
  standing: Alert | null;
  /** ms of the local clock */
  localNow: number;
  onOpen: (alertId: string) => void;
}

export function Banner(props: Props) {
  const { condition, status, waiting, firstLevel, gravest, standing, localNow, onOpen } = props;
  const { texts, now, staleMs, known } = useAround();
  const fresh = gravest !== null && localNow - gravest.heardAt <= NEWEST_MS ? standing : null;
  if (condition.kind === 'normal')
    return (
      <div class="banner normal" role="status">
        <strong>✓ {texts.normal}</strong>
        <span>{texts.normalDetail}</span>
      </div>
    );
  if (condition.kind === 'open')
    return (
      <div class={`banner open ${firstLevel > 0 ? 'grave' : ''}`} role="status">
        <strong>{texts.waiting(condition.count)}</strong>
        {firstLevel > 0 && <span>{texts.firstLevel(firstLevel)}</span>}
        <Newest alert={fresh} onOpen={onOpen} />
      </div>
    );
  const reasons: string[] = [];
  if (condition.socket) {
    const retry =
      status.retryAt === null ? '' : ` · ${texts.retryIn(Math.max(0, Math.ceil((status.retryAt - localNow) / 1000)))}`;
    reasons.push(texts.staleSocket[status.phase] + retry);
  }
  if (condition.gateway !== null) {
    const behind = condition.gateway.behind;
    reasons.push(texts.staleGateway + (behind === null || behind === 0 ? '' : ` (${texts.behind(behind)})`));
  }
  for (const source of condition.sources) {
    const name = texts.sources[source.name] ?? source.name;
    const at = source.last_event_at ?? source.clock_at;
    const words = STAGES.has(source.name) ? texts.staleStage : texts.staleSource;
    reasons.push(at === null ? texts.neverSource(name) : words(name, age(now - Date.parse(at), texts)));
  }
  return (
    <div class="banner stale">
      <p class="hidden" role="alert">
        {spoken(condition, status, texts)}
      </p>
      <strong>⚠ {texts.stale}</strong>
      <span>{reasons.join(' · ')}</span>
      {waiting > 0 && (
        <b>
          {texts.waiting(waiting)}
          {firstLevel > 0 && `${texts.pause}${texts.firstLevel(firstLevel)}`}
        </b>
      )}
      <Newest alert={fresh} onOpen={onOpen} />
      {staleMs > 0 && known && <em>{texts.asOf(age(staleMs, texts))}</em>}
    </div>
  );
}

/** What is stale, without ages and countdowns: a reader says it when it changes, not every second. */
function spoken(condition: Extract<Condition, { kind: 'stale' }>, status: ClientStatus, texts: Texts): string {
  return [
    texts.stale,
    condition.socket && texts.staleSocket[status.phase],
    condition.gateway !== null && texts.staleGateway,
    ...condition.sources.map(({ name, state }) => `${texts.sources[name] ?? name} ${texts.sourceStates[state]}`),
  ]
    .filter(Boolean)
    .join(' · ');
}

function Newest({ alert, onOpen }: { alert: Alert | null; onOpen: (alertId: string) => void }) {
  const { language, names, texts } = useAround();
  if (alert === null || stateOf(alert) !== 'open') return null;
  return (
    <button type="button" class="newest" onClick={() => onOpen(alert.alert_id)}>
      <LevelBadge level={1} />
      <span>{told(alert, inLanguage(alert.title, language), names, texts.sources)}</span>
    </button>
  );
}

/** The same for who cannot see it: only what comes while one listens. */
export function GravestAloud({ gravest }: { gravest: Happening | null }) {
  const { language, names, texts } = useAround();
  return (
    <div class="hidden" role="log" aria-live="assertive" aria-label={texts.levels[0]}>
      {gravest !== null && (
        <p key={gravest.key}>
          {texts.levels[0]}: {told(gravest.alert, inLanguage(gravest.alert.title, language), names, texts.sources)}
        </p>
      )}
    </div>
  );
}

function told(alert: Alert, title: string, names: Record<string, string>, sources: Record<string, string>): string {
  return `${title} · ${refName(alert.fixmedins_code ?? alert.subject.ref, names, sources)}`;
}
