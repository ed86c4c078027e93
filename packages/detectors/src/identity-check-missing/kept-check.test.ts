// A check as it is kept: whatever its cold part holds, its clip is the one that was sent, also after a restart.
import { ColdPart, type IdentityCheck } from '@yunjian/contracts';
import { describe, expect, test } from 'vitest';
import { checkCodec, detailsOf, type KeptCheck, keptCheck } from './kept-check.ts';

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

describe('the clip of a check', () => {
  test.each(COLD)('%s', (_, cold, { uri, sha256 }) => {
    const kept = keptCheck(check(cold));
    expect(detailsOf(kept)).toEqual({ similarity: 0.31, uri, sha256 });
    expect(restarted(kept)).toEqual(kept);
  });

  test('is read from checkpoints in which checks were arrays', () => {
    const kept = keptCheck(check({ eventId: 'e', source: 's', evidence: CLIP }));
    const before = ['P"1', 1_700_000_000_000, 1_500, 'cam1', null, 'p1', 0, 0.31, CLIP.uri, CLIP.sha256];
    expect(checkCodec.unpack(before, kept.key)).toEqual(kept);
  });
});
