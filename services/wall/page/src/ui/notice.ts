// A short message about what was just done; it goes by itself.
import { useEffect, useState } from 'preact/hooks';

export interface Notice {
  kind: 'done' | 'failed';
  text: string;
}

const SHOWN_MS = { done: 2500, failed: 8000 };

export function useNotice(): { notice: Notice | null; say: (kind: Notice['kind'], text: string) => void } {
  const [notice, setNotice] = useState<Notice | null>(null);
  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => setNotice(null), SHOWN_MS[notice.kind]);
    return () => clearTimeout(timer);
  }, [notice]);
  return { notice, say: (kind, text) => setNotice({ kind, text }) };
}
