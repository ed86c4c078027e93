// Asking for what an action needs: a reason, and to whom, how long or with what finding. And the other dialogs.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CommandFields } from '../wire.ts';
import { useAround } from './context.ts';
import type { Action } from './detail.tsx';

interface ModalProps {
  title: string;
  wide?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

/** It takes the focus, and gives it back to what had it. */
export function Modal({ title, wide = false, onClose, children }: ModalProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={ref} class={wide ? 'wide' : ''} onClose={onClose} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}

const SHELVE_HOURS = [1, 4, 24, 72];

interface ActionDialogProps {
  action: Exclude<Action, 'ack' | 'unack' | 'unshelve'>;
  /** Server time, ms. */
  now: number;
  onSubmit: (fields: CommandFields) => void;
  onClose: () => void;
}

export function ActionDialog({ action, now, onSubmit, onClose }: ActionDialogProps) {
  const { texts } = useAround();
  const [reason, setReason] = useState('');
  const [assignee, setAssignee] = useState('');
  const [hours, setHours] = useState(4);
  const [outcome, setOutcome] = useState('confirmed');
  const submit = (event: Event) => {
    event.preventDefault();
    onSubmit({
      action,
      reason: reason.trim(),
      ...(action === 'assign' ? { assignee: assignee.trim() } : {}),
      ...(action === 'shelve' ? { until: new Date(now + hours * 3_600_000).toISOString() } : {}),
      ...(action === 'dispose' ? { outcome } : {}),
    });
  };
  return (
    <Modal title={texts.verbs[action]} onClose={onClose}>
      <form onSubmit={submit}>
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
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {texts.dialog.cancel}
          </button>
          <button type="submit" class="primary">
            {texts.dialog.confirm}
          </button>
        </div>
      </form>
    </Modal>
  );
}

export function Help({ onClose }: { onClose: () => void }) {
  const { texts } = useAround();
  return (
    <Modal title={texts.help.title} onClose={onClose}>
      <dl class="keys">
        {texts.help.keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <div class="buttons">
        <button type="button" class="primary" onClick={onClose}>
          {texts.detail.close}
        </button>
      </div>
    </Modal>
  );
}

export function Login({ onToken }: { onToken: (token: string) => void }) {
  const { texts } = useAround();
  const [token, setToken] = useState('');
  return (
    <main class="login">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onToken(token.trim());
        }}
      >
        <h1>
          {texts.product} · {texts.login.title}
        </h1>
        <p>{texts.login.text}</p>
        <label>
          {texts.login.token}
          <input
            type="password"
            name="token"
            required
            autocomplete="off"
            value={token}
            onInput={(e) => setToken(e.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          {texts.login.enter}
        </button>
      </form>
    </main>
  );
}
