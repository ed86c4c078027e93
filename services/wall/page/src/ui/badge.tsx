// A level as shape, colour and word together: never colour alone.
import { age as ageText } from '../format.ts';
import { useAround } from './context.ts';

const SHAPES = [
  'M12 1 23 12 12 23 1 12Z',
  'M12 2 23 22 1 22Z',
  'M3 3H21V21H3Z',
  'M12 2a10 10 0 1 1 0 20a10 10 0 1 1 0-20Z',
];

export function LevelShape({ level }: { level: number }) {
  return (
    <svg class={`shape level-${level}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={SHAPES[level - 1] ?? ''} />
    </svg>
  );
}

export function LevelBadge({ level }: { level: number }) {
  const { texts } = useAround();
  return (
    <span class={`badge level-${level}`}>
      <LevelShape level={level} />
      {texts.levels[level - 1]}
    </span>
  );
}

/** How old what a panel shows is, while it is. @param sums it adds up what comes from every source */
export function AsOf({ sums = false }: { sums?: boolean }) {
  const { staleMs, partialMs, known, texts } = useAround();
  const old = sums ? Math.max(staleMs, partialMs) : staleMs;
  if (old <= 0 || !known) return null;
  return <span class="as-of">{texts.asOf(ageText(old, texts))}</span>;
}
