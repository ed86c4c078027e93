// Asking for what an action needs: a reason, and to whom, how long or with what finding.
import { useEffect, useState } from 'preact/hooks';
import type { Board } from '../board.ts';
import type { WallHttp } from '../http.ts';
import { inLanguage } from '../i18n.ts';
import { refName } from '../names.ts';
import type { CommandResult } from '../ports.ts';
import { begin, follow } from '../review.ts';
import type { Alert, CommandFields } from '../wire.ts';
import { LevelBadge } from './badge.tsx';
import { useAround } from './context.ts';
import type { Action } from './detail.tsx';
import { Modal } from './dialog.tsx';
import { Moved } from './moved.tsx';
import { failureOf } from './orders.ts';
import { useStanding } from './standing.ts';

const SHELVE_HOURS = [1, 4, 24, 72];

/** An action that more must be known for than which one it is. */
export type Asking = Exclude<Action, 'ack' | 'unack' | 'unshelve'>;

interface Props {
  action: Asking;
  /** As the operator saw it when they began. */
  alert: Alert;
  board: Board;
  http: WallHttp;
  /** A command waits for its outcome. */
  busy: boolean;
  /** @param alert the version that the operator has looked at */
  onSubmit: (alert: Alert, fields: CommandFields) => Promise<CommandResult>;
  onClose: () => void;
}

/** It stays open, with what was written, until the action is done or given up. */
export function DecisionDialog({ action, alert, board, http, busy, onSubmit, onClose }: Props) {
  const { texts, language, now, names } = useAround();
  const [reason, setReason] = useState('');
  const [assignee, setAssignee] = useState('');
  const [hours, setHours] = useState(4);
  const [outcome, setOutcome] = useState('confirmed');
  const [failure, setFailure] = useState<string | null>(null);
  const [review, setReview] = useState(() => begin(alert));
  const standing = useStanding(board, http, alert.alert_id);
  useEffect(() => {
    if (standing.alert !== null) setReview((was) => follow(was, standing.alert as Alert));
  }, [standing.alert]);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setFailure(null);
    const result = await onSubmit(review.latest, {
      action,
      reason: reason.trim(),
      ...(action === 'assign' ? { assignee: assignee.trim() } : {}),
      ...(action === 'shelve' ? { until: new Date(now + hours * 3_600_000).toISOString() } : {}),
      ...(action === 'dispose' ? { outcome } : {}),
    });
    if (result.ok) return onClose();
    setFailure(failureOf(result, language));
    if (result.alert !== null) standing.learn(result.alert);
  };
  const { latest } = review;
  return (
    <Modal title={texts.verbs[action]} onClose={onClose}>
      <p class="about">
        <LevelBadge level={latest.level} /> {inLanguage(latest.title, language)}
        <span>{refName(latest.fixmedins_code ?? latest.subject.ref, names, texts.sources)}</span>
      </p>
      <form onSubmit={submit}>
        <Moved review={review} onLooked={(looked) => setReview((was) => ({ ...was, looked }))} />
        {action === 'assign' && (
          <label>
            {texts.dialog.assignee}
            <input
              name="assignee"
              required
              maxLength={128}
              value={assignee}
              onInput={(e) => setAssignee(e.currentTarget.value)}
            />
          </label>
        )}
        {action === 'shelve' && (
          <fieldset>
            <legend>{texts.dialog.until}</legend>
            {SHELVE_HOURS.map((n) => (
              <label key={n} class="choice">
                <input type="radio" name="until" checked={hours === n} onChange={() => setHours(n)} />
                {texts.dialog.hours(n)}
              </label>
            ))}
          </fieldset>
        )}
        {action === 'dispose' && (
          <fieldset>
            <legend>{texts.dialog.outcome}</legend>
            {Object.entries(texts.dialog.outcomes).map(([key, label]) => (
              <label key={key} class="choice">
                <input type="radio" name="outcome" checked={outcome === key} onChange={() => setOutcome(key)} />
                {label}
              </label>
            ))}
          </fieldset>
        )}
        <label>
          {texts.dialog.reason}
          <textarea
            name="reason"
            required={action !== 'assign'}
            maxLength={2000}
            rows={3}
            value={reason}
            onInput={(e) => setReason(e.currentTarget.value)}
            onKeyDown={(e) => {
              if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) e.currentTarget.form?.requestSubmit();
            }}
          />
        </label>
        {failure !== null && (
          <p class="refusal" role="alert">
            {failure}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {texts.dialog.cancel}
          </button>
          <button type="submit" class="primary" aria-disabled={busy}>
            {texts.dialog.confirm}
          </button>
        </div>
      </form>
    </Modal>
  );
}
