// A check as it is kept: whatever its cold part holds, its clip is the one that was sent, also after a restart.
import { ColdPart, decodeLane, encodeLane, type IdentityCheck } from '@yunjian/contracts';
import { checkpointed, KeyedState } from '@yunjian/detection';
import { describe, expect, test } from 'vitest';
import { RowIndex } from '../row-index.ts';
import { checkCodec, detailsOf, type KeptCheck, keptCheck } from './kept-check.ts';
import { Terminals } from './lane-bytes.ts';
import { NamedChecks } from './named-checks.ts';

const check = (cold: Record<string, unknown>): IdentityCheck => ({
  kind: 'identityCheck',
  arrival: 1_700_000_001_500,
  origin: { feed: 'surveillance', partition: 0, offset: 1, index: 0 },
  eventTime: 1_700_000_000_000,
  institution: 'P"1',
  document: 'd'.repeat(22),
  content: 'c'.repeat(11),
  cold: ColdPart.fromBytes(Buffer.from(JSON.stringify(cold))),
  device: 'cam1',
  result: 'failed',
  method: 'face',
  person: 'p1',
  terminal: null,
  similarity: 0.31,
});

function restarted(kept: KeptCheck): KeptCheck {
  return checkCodec.unpack(JSON.parse(JSON.stringify(checkCodec.pack(kept))), kept.key);
}

const CLIP = { uri: 's3://clips/1', sha256: 'ab'.repeat(32), startsAt: null, endsAt: 5 };
const COLD: [string, Record<string, unknown>, { uri: string | null; sha256: string | null }][] = [
  ['in the ordinary form', { eventId: 'e', source: 's', evidence: CLIP }, CLIP],
  [
    'with fields that nobody knows before it',
    { eventId: 'e', source: 's', more: { evidence: {} }, evidence: CLIP },
    CLIP,
  ],
  [
    'with quotes in its names',
    { eventId: 'e","evidence":{', source: '\\', evidence: { ...CLIP, uri: 'a"b' } },
    { ...CLIP, uri: 'a"b' },
  ],
  ['without a hash', { eventId: 'e', source: 's', evidence: { ...CLIP, sha256: null } }, { ...CLIP, sha256: null }],
  ['without a clip', { eventId: 'e', source: 's' }, { uri: null, sha256: null }],
  [
    'with something else of that name',
    { eventId: 'e', source: 's', x: '"evidence":{"uri":"y"' },
    { uri: null, sha256: null },
  ],
];

/** As it is kept among the checks that name a person, before and after a restart; null where it cannot be. */
function packed(event: IdentityCheck): [KeptCheck, KeptCheck] | null {
  const [before, after] = [new NamedChecks(new Terminals()), new NamedChecks(new Terminals())];
  if (!before.add(event, new RowIndex(2))) return null;
  const [state, restored] = [new KeyedState(), new KeyedState()];
  state.attach('named', before.rows);
  restored.attach('named', after.rows);
  for (const change of state.takeChanges()) restored.load(checkpointed(change));
  const index = new RowIndex(2);
  after.settle((institution) => {
    expect(institution).toBe(event.institution);
    return index;
  });
  const numbers = index.between(0, event.eventTime, event.eventTime);
  expect(numbers).toEqual([before.rows.first]);
  return [before.read(before.rows.first), after.read(numbers[0] as number)];
}

describe('the clip of a check', () => {
  test.each(COLD)('%s', (_, cold, { uri, sha256 }) => {
    const kept = keptCheck(check(cold));
    expect(detailsOf(kept)).toEqual({ similarity: 0.31, uri, sha256 });
    expect(restarted(kept)).toEqual(kept);
  });

  test.each(COLD)('%s, kept as bytes', (_, cold) => {
    const plain: IdentityCheck = { ...check(cold), institution: 'P1', terminal: 'D1' };
    const read = decodeLane(encodeLane(plain)) as IdentityCheck;
    const kept = keptCheck(plain);
    expect(packed(read)).toEqual([kept, kept]);
    expect(packed(plain)).toEqual([kept, kept]);
    for (const odd of ['é', '"', '\\']) expect(packed({ ...plain, person: odd })).toBeNull();
  });

  test('is read from checkpoints in which checks were arrays', () => {
    const kept = keptCheck(check({ eventId: 'e', source: 's', evidence: CLIP }));
    const before = ['P"1', 1_700_000_000_000, 1_500, 'cam1', null, 'p1', 0, 0.31, CLIP.uri, CLIP.sha256];
    expect(checkCodec.unpack(before, kept.key)).toEqual(kept);
  });
});
