// Dialogs: what they have in common, the help, and the question for a token.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useAround } from './context.ts';

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
