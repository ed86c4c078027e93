// The life of a box, and after a reason the history of a person, as a panel over the wall.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { fullInstant, money } from '../format.ts';
import type { Asked, WallHttp } from '../http.ts';
import { type BoxLife, boxLine, type LifeLine, type PersonHistory, personLine } from '../lives.ts';
import { useAround } from './context.ts';
import { Modal } from './dialog.tsx';

/** Whose life is shown. */
export type Life = { kind: 'box'; code: string } | { kind: 'person'; pseudonym: string };

interface Props {
  http: WallHttp;
  life: Life;
  onClose: () => void;
}

export function LifePanel({ http, life, onClose }: Props) {
  const { texts } = useAround();
  const [reason, setReason] = useState<string | null>(null);
  if (life.kind === 'box') return <BoxPanel http={http} code={life.code} onClose={onClose} />;
  if (reason !== null) return <PersonPanel http={http} pseudonym={life.pseudonym} reason={reason} onClose={onClose} />;
  return (
    <Modal title={texts.life.person} onClose={onClose}>
      <ReasonForm onReason={setReason} onClose={onClose} />
    </Modal>
  );
}

function ReasonForm({ onReason, onClose }: { onReason: (reason: string) => void; onClose: () => void }) {
  const { texts } = useAround();
  const [text, setText] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    if (text.trim() !== '') onReason(text.trim());
  };
  return (
    <form onSubmit={submit}>
      <p>{texts.life.recorded}</p>
      <label>
        {texts.dialog.reason}
        <input name="reason" required maxLength={500} value={text} onInput={(e) => setText(e.currentTarget.value)} />
      </label>
      <div class="buttons">
        <button type="button" onClick={onClose}>
          {texts.dialog.cancel}
        </button>
        <button type="submit" class="primary">
          {texts.life.look}
        </button>
      </div>
    </form>
  );
}

function BoxPanel({ http, code, onClose }: { http: WallHttp; code: string; onClose: () => void }) {
  const { texts } = useAround();
  const pages = usePages((cursor) => http.box(code, cursor));
  return (
    <Modal title={texts.life.box} onClose={onClose} wide>
      <Pages pages={pages} line={(event) => boxLine(event, texts)} onClose={onClose}>
        {({ name, net_sales }: BoxLife) => (
          <>
            <b>{code}</b>
            {name !== null && <span>{name}</span>}
            <span class={net_sales > 1 ? 'grave' : ''}>{texts.life.netSales(net_sales)}</span>
          </>
        )}
      </Pages>
    </Modal>
  );
}

function PersonPanel(props: { http: WallHttp; pseudonym: string; reason: string; onClose: () => void }) {
  const { http, pseudonym, reason, onClose } = props;
  const { texts } = useAround();
  const pages = usePages((cursor) => http.person(pseudonym, reason, cursor));
  return (
    <Modal title={texts.life.person} onClose={onClose} wide>
      <Pages pages={pages} line={(event) => personLine(event, texts)} onClose={onClose}>
        {({ status, net }: PersonHistory) => (
          <>
            <b>{pseudonym}</b>
            <span>{texts.life.netOf(net.settlements, money(net.fund_pay_sumamt))}</span>
            {status !== null && <span class="grave">{texts.life.statuses[status] ?? status}</span>}
          </>
        )}
      </Pages>
    </Modal>
  );
}

interface Paged {
  events: unknown[];
  truncated: boolean;
  next_cursor: string | null;
}

interface Loaded<P> {
  /** The page read first; `events` are those of all pages. */
  whole: P | null;
  failure: 'unknown' | 'unavailable' | null;
  busy: boolean;
  more: () => void;
}

function usePages<P extends Paged>(load: (cursor: string | null) => Promise<Asked<P>>): Loaded<P> {
  const [whole, setWhole] = useState<P | null>(null);
  const [failure, setFailure] = useState<Loaded<P>['failure']>(null);
  const [busy, setBusy] = useState(true);
  const read = async (cursor: string | null) => {
    setBusy(true);
    const { found, failure: why } = await load(cursor);
    setBusy(false);
    setFailure(why);
    if (found === null) return;
    setWhole((was) => (was === null ? found : { ...found, events: [...was.events, ...found.events] }));
  };
  useEffect(() => void read(null), []);
  return { whole, failure, busy, more: () => void read(whole?.next_cursor ?? null) };
}

interface PagesProps<P extends Paged> {
  pages: Loaded<P>;
  line: (event: P['events'][number]) => LifeLine;
  onClose: () => void;
  children: (whole: P) => ComponentChildren;
}

function Pages<P extends Paged>({ pages, line, onClose, children }: PagesProps<P>) {
  const { texts } = useAround();
  const { whole, failure, busy, more } = pages;
  return (
    <div class="life">
      {whole !== null && <p class="life-head">{children(whole)}</p>}
      {whole?.truncated === true && <p class="life-note">{texts.life.truncated}</p>}
      {failure !== null && (
        <p class="life-note" role="alert">
          {texts.life.failures[failure]}
        </p>
      )}
      {whole === null && busy && <p role="status">{texts.loading}</p>}
      <ol>
        {whole?.events.map((event, i) => (
          <Line key={i} {...line(event)} />
        ))}
      </ol>
      <div class="buttons">
        {whole !== null && whole.next_cursor !== null && (
          <button type="button" data-life="more" disabled={busy} onClick={more}>
            {texts.life.more}
          </button>
        )}
        <button type="button" class="primary" onClick={onClose}>
          {texts.detail.close}
        </button>
      </div>
    </div>
  );
}

function Line({ at, tone, what, institution, ref: settlement, fate, more }: LifeLine) {
  const { names } = useAround();
  return (
    <li class={tone}>
      <time>{fullInstant(at)}</time>
      <b>{what}</b>
      <span>
        {institution === null ? '' : (names[institution] ?? institution)}
        <small>{[settlement, ...more].filter((part) => part !== null).join(' · ')}</small>
      </span>
      <em>{fate}</em>
    </li>
  );
}
