import { beforeEach, describe, expect, test } from 'bun:test';
import { isAdmin, type Role, roleOf } from '../../src/api-keys/api-key.ts';
import { ApiKeyCache, type FoundApiKey } from '../../src/api-keys/cache.ts';
import { AppError } from '../../src/lib/errors.ts';
import { rejection } from '../support/rejection.ts';

const HASH = hash(1);
let asked: string[];
let nowMs: number;
let answer: (hash: Buffer) => Promise<FoundApiKey | undefined>;
let cache: ApiKeyCache;

beforeEach(() => {
  [asked, nowMs, answer] = [[], 1_000_000, async () => found(null)];
  cache = new ApiKeyCache(
    (keyHash) => {
      asked.push(keyHash.toString('hex'));
      return answer(keyHash);
    },
    () => nowMs,
  );
});

function hash(n: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(n);
  return bytes;
}

function found(validForMs: number | null): FoundApiKey {
  return { apiKey: { apiKeyId: 1, name: 'a', roles: [] }, validForMs };
}

test('a key is asked for once within its time', async () => {
  for (const elapsedMs of [0, 1, 1_499]) {
    nowMs = 1_000_000 + elapsedMs;
    expect(await cache.get(HASH)).toMatchObject({ apiKeyId: 1 });
  }
  expect(asked).toHaveLength(1);
});

test('a revoked key is refused within two seconds of the last answer', async () => {
  await cache.get(HASH);
  answer = async () => undefined;
  nowMs += 1_500;
  expect(await cache.get(HASH)).toBeUndefined();
});

test('its age counts from the question, however late the answer', async () => {
  answer = async () => {
    nowMs += 1_600;
    return found(null);
  };
  await cache.get(HASH);
  await cache.get(HASH);
  expect(asked).toHaveLength(2);
});

test('a key that expires is not believed beyond that', async () => {
  answer = async () => found(10);
  await cache.get(HASH);
  answer = async () => undefined;
  nowMs += 9;
  expect(await cache.get(HASH)).toBeDefined();
  nowMs += 1;
  expect(await cache.get(HASH)).toBeUndefined();
});

test('an unknown key is asked for once, and works soon after it was made', async () => {
  answer = async () => undefined;
  expect(await cache.get(HASH)).toBeUndefined();
  answer = async () => found(null);
  nowMs += 499;
  expect(await cache.get(HASH)).toBeUndefined();
  expect(asked).toHaveLength(1);
  nowMs += 1;
  expect(await cache.get(HASH)).toBeDefined();
});

test('those who ask at once share a question, and its failure', async () => {
  answer = async () => {
    await Bun.sleep(1);
    throw new AppError('database-unavailable', 'away');
  };
  const errors = await Promise.all([1, 2, 3].map(() => rejection(cache.get(HASH))));
  expect(errors.map(({ message }) => message)).toEqual(['away', 'away', 'away']);
  expect(asked).toHaveLength(1);
  answer = async () => found(null);
  expect(await cache.get(HASH)).toBeDefined();
});

describe('under guessing', () => {
  test('known keys stay', async () => {
    await cache.get(HASH);
    answer = async () => undefined;
    for (let n = 2; n < 30_000; n++) await cache.get(hash(n));
    asked = [];
    expect(await cache.get(HASH)).toBeDefined();
    expect(asked).toHaveLength(0);
  });

  test('no more than 10,000 unknown keys are kept, and the oldest go', async () => {
    answer = async () => undefined;
    for (let n = 0; n <= 10_000; n++) await cache.get(hash(n));
    asked = [];
    await cache.get(hash(1));
    expect(asked).toHaveLength(0);
    await cache.get(hash(0));
    expect(asked).toHaveLength(1);
  });

  test('questions at once are limited, so that redirects get theirs answered', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    answer = () => promise;
    const waiting = Array.from({ length: 100 }, (_, n) => cache.get(hash(n)));
    expect(await rejection(cache.get(hash(100)))).toMatchObject({ code: 'overloaded' });
    resolve(undefined);
    expect(await Promise.all(waiting)).toHaveLength(100);
    expect(await cache.get(hash(100))).toBeUndefined();
  });
});

test('a key without roles is an admin, and roles are found by their type', () => {
  const domain: Role = { type: 'DOMAIN_SPECIFIC', domainId: 3, authority: 's.test' };
  const restricted = { apiKeyId: 1, name: null, roles: [domain] };
  expect([isAdmin(restricted), isAdmin({ ...restricted, roles: [] })]).toEqual([false, true]);
  expect(roleOf(restricted, 'DOMAIN_SPECIFIC')?.authority).toBe('s.test');
  expect(roleOf(restricted, 'AUTHORED_SHORT_URLS')).toBeUndefined();
});
