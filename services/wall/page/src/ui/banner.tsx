// The one line that says how things stand as a whole.

import type { Condition } from '../condition.ts';
import { age } from '../format.ts';
import type { ClientStatus } from '../ports.ts';
import { useAround } from './context.ts';

interface Props {
  condition: Condition;
  status: ClientStatus;
  firstLevel: number;
  /** ms of the local clock */
  localNow: number;
}

export function Banner({ condition, status, firstLevel, localNow }: Props) {
  const { texts, now, staleMs } = useAround();
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
    reasons.push(at === null ? texts.neverSource(name) : texts.staleSource(name, age(now - Date.parse(at), texts)));
  }
  return (
    <div class="banner stale" role="alert">
      <strong>⚠ {texts.stale}</strong>
      <span>{reasons.join(' · ')}</span>
      {staleMs > 0 && <em>{texts.asOf(age(staleMs, texts))}</em>}
    </div>
  );
}
