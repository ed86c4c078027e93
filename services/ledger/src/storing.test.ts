// Rows that cannot be stored while their subjects are being read: the batch says so, and nothing fails where nobody listens.
import { ledgerRules } from '@yunjian/detectors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LedgerHistory, MemoryHistory } from './history.ts';
import { LedgerPartition } from './judge.ts';

const unheard: unknown[] = [];
const note = (reason: unknown) => unheard.push(reason);
beforeEach(() => void process.on('unhandledRejection', note));
afterEach(() => void process.off('unhandledRejection', note));

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function failing(read: () => Promise<void>): LedgerHistory {
  const history = new MemoryHistory();
  history.insert = () => Promise.reject(new Error('the insert failed'));
  const reading = history.read.bind(history);
  history.read = async (partition, subjects) => {
    await read();
    return reading(partition, subjects);
  };
  return history;
}

test('a failed insert is heard by whoever waits for the rows', async () => {
  const partition = new LedgerPartition({ lane: 'code', partition: 0, history: failing(turn), rules: ledgerRules });
  const { stored } = await partition.process([]);
  await turn();
  await expect(stored).rejects.toThrow('the insert failed');
  expect(unheard).toEqual([]);
});

test('and is not left unheard when the reading fails too', async () => {
  const history = failing(async () => {
    await turn();
    throw new Error('the read failed');
  });
  const partition = new LedgerPartition({ lane: 'code', partition: 0, history, rules: ledgerRules });
  await expect(partition.process([])).rejects.toThrow('the read failed');
  await turn();
  expect(unheard).toEqual([]);
});
