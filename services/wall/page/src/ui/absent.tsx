// In the place of an alert that was asked for and is not here: that it is being read, that there is none, or that it cannot be read now.
import { useAround } from './context.ts';
import type { Opened } from './opened.ts';

export function Absent({ id, failure, close }: Pick<Opened, 'id' | 'failure' | 'close'>) {
  const { texts } = useAround();
  const said = failure === null ? texts.loading : texts.absent[failure];
  return (
    <section class="panel detail absent" aria-label={texts.absent.label}>
      <div class="detail-line">
        <p role="alert">{said}</p>
        <button type="button" class="close" onClick={close} aria-label={texts.detail.close}>
          ✕
        </button>
      </div>
      <p class="identity">{id}</p>
    </section>
  );
}
