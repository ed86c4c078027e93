// What --set takes, in the units that people write, and what it refuses.
import { expect, test } from 'vitest';
import { changed, readChange } from './parameters.ts';

test.each([
  ['identity-check-missing.before=5m', { detector: 'identity-check-missing', name: 'before', value: 300 }],
  ['identity-check-missing.before=300', { detector: 'identity-check-missing', name: 'before', value: 300 }],
  ['large-amount.pharmacy=800', { detector: 'large-amount', name: 'pharmacy', value: 80_000 }],
  ['large-amount.pharmacy=800yuan', { detector: 'large-amount', name: 'pharmacy', value: 80_000 }],
  ['card-cluster.window=30d', { detector: 'card-cluster', name: 'window', value: 30 }],
  ['card-cluster.persons=4', { detector: 'card-cluster', name: 'persons', value: 4 }],
  ['trace-repeated.enabled=false', { detector: 'trace-repeated', name: 'enabled', value: false }],
])('%s', (text, change) => {
  expect(readChange(text)).toEqual(change);
});

test.each([
  ['identity-check-missing', 'detector.parameter=value'],
  ['nothing.before=5m', 'which there is not'],
  ['identity-check-missing.behind=5m', 'has none of that name'],
  ['identity-check-missing.before=soon', 'a time such as'],
  ['large-amount.pharmacy=5m', 'an amount in yuan'],
  ['trace-repeated.enabled=perhaps', 'expected true or false'],
  ['verification-unavailable.before=5m', 'set the parameter there'],
])('%s is refused', (text, reason) => {
  expect(() => readChange(text)).toThrow(reason);
});

test('changes lie on top of the rules in force, and leave them as they are', () => {
  const today = { detectors: { 'card-cluster': { params: { persons: 3, days: 4 } } } };
  const proposed = changed(today, [
    { detector: 'card-cluster', name: 'persons', value: 5 },
    { detector: 'card-cluster', name: 'enabled', value: false },
  ]);
  expect(proposed.detectors['card-cluster']).toEqual({ enabled: false, params: { persons: 5, days: 4 } });
  expect(today.detectors['card-cluster']).toEqual({ params: { persons: 3, days: 4 } });
});
