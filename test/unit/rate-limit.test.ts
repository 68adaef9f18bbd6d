import { expect, test } from 'bun:test';
import { RateLimit } from '../../src/http/rate-limit.ts';

test('counts each client for itself and says where it stands', async () => {
  const limit = new RateLimit('things', 2);
  expect(await limit.take('a')).toMatchObject({ remaining: 1, resetS: 60, isExceeded: false });
  expect(limit.exceeded('a')).toBeUndefined();
  expect(await limit.take('a')).toMatchObject({ remaining: 0, isExceeded: false });
  expect(limit.exceeded('a')).toMatchObject({ remaining: 0, resetS: 60, isExceeded: true });
  expect(await limit.take('a')).toMatchObject({ remaining: 0, isExceeded: true });
  expect(await limit.take('b')).toMatchObject({ remaining: 1 });
  expect(limit.exceeded('b')).toBeUndefined();
});

test('remembers a bounded number of clients, and lets others pass', async () => {
  const limit = new RateLimit('things', 1, 3);
  for (const client of ['a', 'b', 'c']) await limit.take(client);
  expect(await limit.take('d')).toBeUndefined();
  expect(await limit.take('d')).toBeUndefined();
  expect(limit.exceeded('d')).toBeUndefined();
  expect(limit.exceeded('a')).toBeDefined();
});

test('a quota of 0 counts nothing', async () => {
  const limit = new RateLimit('things', 0);
  expect(await limit.take('a')).toBeUndefined();
  expect(limit.isAnyExceeded).toBe(false);
});
