// Keyboard: one table from key to what it does, deaf while somebody types or a dialog is open.
import { useEffect, useRef } from 'preact/hooks';

export type Keys = Record<string, () => void>;

/** Keys that go on while they are held down. Any other does its work once: a key that sticks acknowledges one alert, not a screenful. */
const MOVING = new Set(['j', 'k', 'ArrowDown', 'ArrowUp', 'PageDown', 'PageUp']);

/** The newest table holds from the render that made it: a key pressed right after another sees what that one did. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
      const { target } = event;
      const typing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
      if (typing) {
        if (event.key === 'Escape') target.blur();
        return;
      }
      // Where a text has the focus, the arrows scroll it.
      const reading = target instanceof Element && target.closest('.detail-body') !== null;
      if (reading && event.key.startsWith('Arrow')) return;
      const onButton = target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement;
      if (onButton && event.key === 'Enter') return;
      const run = latest.current[event.key];
      if (run === undefined) return;
      event.preventDefault();
      if (!event.repeat || MOVING.has(event.key)) run();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
