import { expect, test } from 'bun:test';
import { BatchSize } from '../../src/visits/recorder/batch-size.ts';

/** Sizes of the next batches, each of which is stored. */
function next(size: BatchSize, count: number): number[] {
  return Array.from({ length: count }, () => {
    size.succeeded();
    return size.visits;
  });
}

test('a batch that took too long is halved and grows back bit by bit', () => {
  const size = new BatchSize(10_000);
  size.failed({ isTooSlow: true });
  expect(size.visits).toBe(5_000);
  expect(next(size, 3)).toEqual([5_157, 5_319, 5_486]);
  expect(next(size, 25).at(-1)).toBe(10_000);
});

test('after an outage batches are soon as large as before', () => {
  const size = new BatchSize(10_000);
  for (let failures = 0; failures < 20; failures++) size.failed({ isTooSlow: false });
  expect(size.visits).toBe(1);
  expect(next(size, 15)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 10_000, 10_000]);
});

test('an outage does not make what was too much good again', () => {
  const size = new BatchSize(8_000);
  size.failed({ isTooSlow: true });
  size.failed({ isTooSlow: false });
  expect(next(size, 3)).toEqual([4_000, 4_125, 4_254]);
});

test('there is always a visit to send, and one more to try', () => {
  const size = new BatchSize(8);
  for (let failures = 0; failures < 5; failures++) size.failed({ isTooSlow: true });
  expect(size.visits).toBe(1);
  expect(next(size, 8)).toEqual([2, 3, 4, 5, 6, 7, 8, 8]);
});
