import { expect, test } from 'bun:test';
import { LimitGate } from '../../src/redirect/limits.ts';
import { compileLink, type Link } from '../../src/redirect/link.ts';
import type { LimitRequest } from '../../src/redirect/store.ts';

function limited(shortUrlId: number): Link {
  const row = { domainId: 0, shortCode: `code${shortUrlId}`, shortUrlId, longUrl: 'https://example.com/', rules: null };
  return compileLink({ ...row, forwardQuery: true, validSinceMs: null, validUntilMs: null, maxVisits: 9 }, 0);
}

test('who asks in the same tick shares a statement and gets no more than was granted', async () => {
  const statements: (readonly LimitRequest[])[] = [];
  const gate = new LimitGate(async (requests) => {
    statements.push(requests);
    return [
      { shortUrlId: 1, granted: 2 },
      { shortUrlId: 2, granted: 0 },
    ];
  });
  const [one, two] = [limited(1), limited(2)];
  const granted = await Promise.all([one, two, one, one].map((link) => gate.enter(link)));
  expect(granted).toEqual(['granted', 'used-up', 'granted', 'used-up']);
  expect(statements.map((requests) => requests.map(({ shortUrlId, wanted }) => [shortUrlId, wanted]))).toEqual([
    [
      [1, 3],
      [2, 1],
    ],
  ]);
});

test('when the database cannot say, nobody is let through, and the next one asks anew', async () => {
  let calls = 0;
  const gate = new LimitGate(async () => {
    if (++calls === 1) throw new Error('gone');
    return [{ shortUrlId: 1, granted: 1 }];
  });
  const refused = await Promise.allSettled([gate.enter(limited(1)), gate.enter(limited(1))]);
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await gate.enter(limited(1))).toBe('granted');
});

test('a short URL that has no limit any more is told from one whose limit is used up', async () => {
  const gate = new LimitGate(async () => []);
  expect(await gate.enter(limited(1))).toBe('outdated');
});
