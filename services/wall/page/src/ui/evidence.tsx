// What an alert rests on, with links to what can be looked at.
import { detectorName, refName } from '../names.ts';
import type { Alert } from '../wire.ts';
import { useAround } from './context.ts';

type Piece = Alert['evidence'][number];

export function Evidence({ evidence }: { evidence: readonly Piece[] }) {
  const { texts } = useAround();
  if (evidence.length === 0) return null;
  return (
    <section class="evidence">
      <h3>
        {texts.detail.evidence} <small>{evidence.length}</small>
      </h3>
      <ul>
        {evidence.map((piece) => (
          <li key={`${piece.kind} ${piece.ref} ${piece.uri ?? ''}`}>
            <span class="kind">{texts.evidence[piece.of ?? piece.kind] ?? piece.kind}</span>
            <Reference piece={piece} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reference({ piece: { kind, of, ref, uri, sha256 } }: { piece: Piece }) {
  const { texts, language, names } = useAround();
  const isDetector = kind === 'rule' && of === undefined;
  const name = isDetector ? detectorName(ref, language) : refName(ref, names, texts.sources);
  return (
    <span class="ref">
      {name}
      {name !== ref && <code>{ref}</code>}
      {uri !== undefined && (isLink(uri) ? <LinkTo uri={uri} /> : <span class="uri">{uri}</span>)}
      {sha256 !== undefined && <code title={sha256}>sha256 {sha256.slice(0, 16)}…</code>}
    </span>
  );
}

function LinkTo({ uri }: { uri: string }) {
  return (
    <a class="uri" href={uri} target="_blank" rel="noopener noreferrer">
      {uri}
    </a>
  );
}

/** Evidence comes from outside: nothing but http(s) is made a link. */
function isLink(uri: string): boolean {
  return /^https?:\/\//i.test(uri);
}
