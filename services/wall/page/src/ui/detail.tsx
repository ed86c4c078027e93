// One alert in full: what it claims, the facts and evidence it rests on, what it prescribes, what was done, what can be done.
import { useEffect, useState } from 'preact/hooks';
import { stateOf } from '../board.ts';
import { fullInstant, money } from '../format.ts';
import { collapse, namedIn } from '../history.ts';
import type { WallHttp } from '../http.ts';
import { inLanguage, type Language } from '../i18n.ts';
import { detectorName, refName } from '../names.ts';
import { reasonOf } from '../reasons.ts';
import type { Alert, Bilingual, DetectorText, Step } from '../wire.ts';
import { LevelBadge } from './badge.tsx';
import { useAround } from './context.ts';
import { Evidence } from './evidence.tsx';
import { Facts, isBilingual } from './facts.tsx';
import type { Life } from './life.tsx';

export type Action = 'ack' | 'unack' | 'assign' | 'shelve' | 'unshelve' | 'dispose';

interface Props {
  alert: Alert;
  /** It is no longer on the board: shown as it last was. */
  gone: boolean;
  meaning: DetectorText | null;
  loadHistory: WallHttp['alert'];
  busy: boolean;
  onAction: (action: Action) => void;
  onLife: (life: Life) => void;
  onClose: () => void;
}

export function Detail({ alert, gone, meaning, loadHistory, busy, onAction, onLife, onClose }: Props) {
  const { texts, language, names } = useAround();
  const [history, setHistory] = useState<Step[] | 'asked' | 'unavailable'>('asked');
  const { alert_id: id, version } = alert;
  useEffect(() => {
    let current = true;
    loadHistory(id).then(({ found }) => {
      if (!current) return;
      if (found !== null) setHistory(found.history);
      else setHistory((was) => (Array.isArray(was) ? was : 'unavailable'));
    });
    return () => {
      current = false;
    };
  }, [id, version]);

  const state = stateOf(alert);
  const measures = measuresOf(alert, meaning, language);
  const lines: [string, string | null][] = [
    [texts.detail.institution, institutionOf(alert, names)],
    [texts.detail.grid, alert.grid.join(' › ') || null],
    [
      `${texts.detail.subject} · ${texts.subjects[alert.subject.kind] ?? alert.subject.kind}`,
      refName(alert.subject.ref, names, texts.sources),
    ],
    [texts.detail.eventTime, fullInstant(alert.event_time)],
    [
      texts.detail.window,
      alert.window.start === alert.window.end
        ? null
        : `${fullInstant(alert.window.start)} – ${fullInstant(alert.window.end)}`,
    ],
    [texts.detail.detectedAt, fullInstant(alert.detected_at)],
    [texts.detail.assignee, alert.assignee ?? null],
    [texts.detail.shelvedUntil, alert.shelved_until == null ? null : fullInstant(alert.shelved_until)],
    [texts.detail.disposal, alert.disposal == null ? null : (texts.dialog.outcomes[alert.disposal] ?? alert.disposal)],
    [texts.detail.rule, `${detectorName(alert.detector, language)} · ${alert.detector} · ${alert.rule_version}`],
  ];
  return (
    <section
      class={`panel detail level-${alert.level}`}
      aria-label={inLanguage(alert.title, language)}
      data-detail={id}
    >
      <div class="detail-head">
        <div class="detail-line">
          <LevelBadge level={alert.level} />
          <span class={`state ${state}`}>{texts.states[state]}</span>
          {(alert.escalation ?? 0) > 0 && <span class="escalated">{texts.escalated(alert.escalation ?? 0)}</span>}
          <span class="version">v{version}</span>
          <button type="button" class="close" onClick={onClose} aria-label={texts.detail.close}>
            ✕
          </button>
        </div>
        <h2>{inLanguage(alert.title, language)}</h2>
        {alert.amount !== null && <p class="big-amount">{money(alert.amount)}</p>}
        {gone && <p class="gone">{texts.detail.gone}</p>}
        <Ways alert={alert} onLife={onLife} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      <section class="detail-body" tabIndex={0} aria-label={texts.detail.facts}>
        <dl class="lines">
          {lines.map(([name, value]) =>
            value === null ? null : (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
          )}
        </dl>
        {measures.length > 0 && (
          <section class="measures">
            <h3>{texts.detail.measures}</h3>
            <ul>
              {measures.map((measure) => (
                <li key={measure}>{measure}</li>
              ))}
            </ul>
          </section>
        )}
        <section>
          <h3>{texts.detail.facts}</h3>
          <Facts facts={alert.facts} />
        </section>
        <Evidence evidence={alert.evidence} />
        <History steps={history} />
        {meaning !== null && <Meaning meaning={meaning} />}
        <p class="identity">{id}</p>
      </section>
      {!gone && (
        <div class="detail-actions">
          {state === 'acked' ? (
            <ActionButton name="unack" label={texts.verbs.unack} keyName="u" onAction={onAction} busy={busy} />
          ) : (
            <ActionButton name="ack" label={texts.verbs.ack} keyName="a" primary onAction={onAction} busy={busy} />
          )}
          <ActionButton name="assign" label={texts.verbs.assign} keyName="g" onAction={onAction} busy={busy} />
          {state === 'shelved' ? (
            <ActionButton name="unshelve" label={texts.verbs.unshelve} keyName="s" onAction={onAction} busy={busy} />
          ) : (
            <ActionButton name="shelve" label={texts.verbs.shelve} keyName="s" onAction={onAction} busy={busy} />
          )}
          <ActionButton name="dispose" label={texts.verbs.dispose} keyName="d" onAction={onAction} busy={busy} />
        </div>
      )}
    </section>
  );
}

/** From the alert to the life of the box, and of the person, that it is about. */
function Ways({ alert: { subject, facts }, onLife }: { alert: Alert; onLife: (life: Life) => void }) {
  const { texts } = useAround();
  const code = subject.kind === 'code' ? subject.ref : facts.code;
  const person = subject.kind === 'person' ? subject.ref : facts.person;
  if (typeof code !== 'string' && typeof person !== 'string') return null;
  return (
    <p class="ways">
      {typeof code === 'string' && (
        <button type="button" data-life="box" onClick={() => onLife({ kind: 'box', code })}>
          {texts.life.box}
        </button>
      )}
      {typeof person === 'string' && (
        <button type="button" data-life="person" onClick={() => onLife({ kind: 'person', pseudonym: person })}>
          {texts.life.person}
        </button>
      )}
    </p>
  );
}

interface ButtonProps {
  name: Action;
  label: string;
  keyName?: string;
  primary?: boolean;
  busy: boolean;
  onAction: (action: Action) => void;
}

function ActionButton({ name, label, keyName, primary, busy, onAction }: ButtonProps) {
  return (
    <button
      type="button"
      class={primary ? 'primary' : ''}
      data-action={name}
      aria-disabled={busy}
      onClick={(event) => isFirst(event) && onAction(name)}
    >
      {label}
      {keyName !== undefined && <kbd>{keyName}</kbd>}
    </button>
  );
}

/** The second click of a double one would take back what the first has done: the button is another one by then. */
function isFirst(click: MouseEvent): boolean {
  return click.detail <= 1;
}

function History({ steps }: { steps: readonly Step[] | 'asked' | 'unavailable' }) {
  const { texts, language } = useAround();
  return (
    <section class="history">
      <h3>{texts.detail.history}</h3>
      {steps === 'asked' && <p class="waiting">{texts.loading}</p>}
      {steps === 'unavailable' && (
        <p class="life-note" role="alert">
          {texts.life.failures.unavailable}
        </p>
      )}
      <ol>
        {collapse(Array.isArray(steps) ? steps : [])
          .reverse()
          .map(({ step, amendments }) => (
            <li key={step.version} class={step.transition.action}>
              <time>{fullInstant(step.updated_at)}</time>
              <span>
                <b>
                  {amendments > 1
                    ? texts.detail.amendments(amendments)
                    : (texts.actions[step.transition.action] ?? step.transition.action)}
                </b>
                {' · '}
                {step.transition.by === 'system' ? texts.system : step.transition.by}
                {arrow(namedIn(step, texts.dialog.outcomes))}
                {step.transition.reason !== '' && <em>{reasonOf(step.transition, language)}</em>}
              </span>
            </li>
          ))}
      </ol>
    </section>
  );
}

function arrow(to: string | null): string {
  return to === null ? '' : ` → ${to}`;
}

function Meaning({ meaning }: { meaning: DetectorText }) {
  const { texts, language } = useAround();
  const parts: [string, Bilingual][] = [
    [texts.detail.explanation, meaning.explanation],
    [texts.detail.runbook, meaning.runbook],
    [texts.detail.basis, meaning.basis],
  ];
  return (
    <section class="meaning">
      {parts.map(([name, text]) => (
        <div key={name}>
          <h3>{name}</h3>
          <p>{inLanguage(text, language)}</p>
        </div>
      ))}
    </section>
  );
}

function institutionOf({ fixmedins_code: code }: Alert, names: Record<string, string>): string | null {
  if (code === null) return null;
  return names[code] === undefined ? code : `${names[code]} · ${code}`;
}

/** What the alert itself prescribes, else what its detector does. */
function measuresOf(alert: Alert, meaning: DetectorText | null, language: Language): string[] {
  const own = alert.facts.measures;
  if (isBilingual(own)) return inLanguage(own, language).split(/、|, /);
  if (Array.isArray(own))
    return own.map((measure) => (isBilingual(measure) ? inLanguage(measure, language) : String(measure)));
  return meaning?.measures.map((measure) => inLanguage(measure, language)) ?? [];
}
