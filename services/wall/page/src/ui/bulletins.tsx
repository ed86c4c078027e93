// The quarters' bulletins, to be fetched as a page to print or as a table.
import { useEffect, useState } from 'preact/hooks';
import { fullInstant } from '../format.ts';
import type { BulletinEntry, BulletinFormat, WallHttp } from '../http.ts';
import { useAround } from './context.ts';
import { Modal } from './dialog.tsx';

const FORMATS: readonly BulletinFormat[] = ['html', 'csv', 'xlsx'];

export function Bulletins({ http, onClose }: { http: WallHttp; onClose: () => void }) {
  const { texts } = useAround();
  const [entries, setEntries] = useState<BulletinEntry[] | 'asked' | 'unavailable'>('asked');
  useEffect(() => {
    http.bulletins().then((answer) => setEntries(answer?.bulletins ?? 'unavailable'));
  }, [http]);
  return (
    <Modal title={texts.bulletins.title} wide onClose={onClose}>
      <p>{texts.bulletins.about}</p>
      {entries === 'asked' && <p role="status">{texts.loading}</p>}
      {entries === 'unavailable' && <p role="alert">{texts.bulletins.unavailable}</p>}
      {Array.isArray(entries) && entries.length === 0 && <p>{texts.bulletins.none}</p>}
      {Array.isArray(entries) && entries.length > 0 && (
        <div class="bulletins-scroll">
          <table class="bulletins">
            <thead>
              <tr>
                {texts.bulletins.columns.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <Row key={`${entry.year}Q${entry.quarter}r${entry.revision}`} http={http} entry={entry} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          {texts.detail.close}
        </button>
      </div>
    </Modal>
  );
}

function Row({ http, entry }: { http: WallHttp; entry: BulletinEntry }) {
  const { texts } = useAround();
  const [failed, setFailed] = useState(false);
  const name = `${entry.year}Q${entry.quarter}`;
  const fetchAs = async (format: BulletinFormat) => {
    const blob = await http.bulletin(entry, format);
    setFailed(blob === null);
    if (blob !== null) save(blob, `bulletin-${name}-r${entry.revision}.${format}`);
  };
  return (
    <tr>
      <td>{name}</td>
      <td>{entry.revision}</td>
      <td>{fullInstant(entry.issued_at)}</td>
      <td>{entry.institutions}</td>
      <td>{entry.ahead}</td>
      <td>
        {FORMATS.map((format) => (
          <button type="button" key={format} onClick={() => void fetchAs(format)}>
            {texts.bulletins.formats[format]}
          </button>
        ))}
        {failed && <span role="alert"> {texts.bulletins.unavailable}</span>}
      </td>
    </tr>
  );
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
