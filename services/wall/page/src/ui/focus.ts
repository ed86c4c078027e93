// The keyboard's place: when what had the focus goes away, the list has it, and not the top of the page.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** @param elementId where the focus goes; looked at after each render of the caller */
export function useKeptFocus(elementId: string): void {
  const had = useRef<EventTarget | null>(null);
  useEffect(() => {
    const onIn = ({ target }: FocusEvent) => {
      had.current = target;
    };
    // What is taken away loses the focus just before it goes: a moment later it is known whether it is still there.
    const onOut = ({ target }: FocusEvent) =>
      queueMicrotask(() => {
        if (had.current === target && target instanceof Element && target.isConnected) had.current = null;
      });
    addEventListener('focusin', onIn);
    addEventListener('focusout', onOut);
    return () => {
      removeEventListener('focusin', onIn);
      removeEventListener('focusout', onOut);
    };
  }, []);
  useLayoutEffect(() => {
    const { current } = had;
    if (!(current instanceof Element) || current.isConnected || document.activeElement !== document.body) return;
    document.getElementById(elementId)?.focus({ preventScroll: true });
  });
}
