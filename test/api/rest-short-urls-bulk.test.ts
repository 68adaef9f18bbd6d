import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { createKey, type RestClient, restClient } from '../support/rest.ts';

let app: TestApp;
let rest: RestClient;
beforeAll(async () => {
  app = await startApp();
  rest = restClient(app, await createKey(app));
});
afterAll(() => app.stop());

const longUrl = 'https://example.com/target';
const bulk = (shortUrls: unknown, headers?: Record<string, string>) =>
  rest('POST', '/short-urls/bulk', { shortUrls }, headers);

describe('a bulk', () => {
  test('of a thousand is created in order, tags and a new domain included', async () => {
    const items = Array.from({ length: 1_000 }, (_, i) => ({
      longUrl: `https://example.com/${i}`,
      tags: ['bulk', `t${i % 7}`],
      domain: i % 2 ? 'bulk.example' : undefined,
    }));
    const { status, body } = await bulk(items);
    expect(status).toBe(200);
    expect(body.results).toHaveLength(1_000);
    for (const [i, { status, shortUrl }] of body.results.entries()) {
      expect(status).toBe(200);
      expect(shortUrl).toMatchObject({ longUrl: items[i]?.longUrl, tags: items[i]?.tags });
      expect(shortUrl.domain).toBe(i % 2 ? 'bulk.example' : null);
    }
    expect(await app.sql`select from domains where authority = 'bulk.example'`).toHaveLength(1);
  });

  test('says for each item what became of it, and a bad one fails alone', async () => {
    const { status, body } = await bulk([
      { longUrl },
      { longUrl: 'javascript:alert(1)', maxVisits: 0 },
      { longUrl, customSlug: 'bulk-slug' },
      { longUrl, customSlug: 'bulk-slug' },
      'nonsense',
    ]);
    expect(status).toBe(200);
    expect(body.results.map(({ status }: { status: number }) => status)).toEqual([200, 400, 200, 400, 400]);
    expect(body.results[1]).toEqual({
      status: 400,
      problem: {
        type: 'https://shlink.io/api/error/invalid-data',
        title: 'Invalid data',
        detail: 'Provided data is not valid',
        status: 400,
        invalidElements: ['longUrl', 'maxVisits'],
      },
    });
    expect(body.results[2].shortUrl.shortCode).toBe('bulk-slug');
    expect(body.results[3].problem).toMatchObject({ customSlug: 'bulk-slug', title: 'Invalid custom slug' });
    expect(body.results[4].problem.title).toBe('Malformed request body');
  });

  test('makes one short URL of equal items that look for an existing one', async () => {
    const item = { longUrl: 'https://example.com/equal-items', findIfExists: true, tags: ['x'] };
    const { body } = await bulk(Array(20).fill(item));
    const codes = body.results.map((result: { shortUrl: { shortCode: string } }) => result.shortUrl.shortCode);
    expect(new Set(codes).size).toBe(1);
  });

  test.each([
    ['nothing', undefined],
    ['no list', {}],
    ['an empty list', []],
    ['too long a list', Array(1_001).fill({ longUrl })],
  ])('with %s is refused', async (_, shortUrls) => {
    expect(await bulk(shortUrls)).toMatchObject({ status: 400, body: { invalidElements: ['shortUrls'] } });
  });

  test('sent again under its key answers what was created, and tries the rest again', async () => {
    await rest('POST', '/short-urls', { longUrl, customSlug: 'in-the-way' });
    const headers = { 'idempotency-key': 'bulk' };
    const items = [{ longUrl }, { longUrl, customSlug: 'in-the-way' }, { longUrl: '' }, { longUrl, tags: ['b', 'a'] }];
    const first = await bulk(items, headers);
    expect(await bulk(items, headers)).toEqual(first);
    await rest('DELETE', '/short-urls/in-the-way');
    const third = await bulk(items, headers);
    expect(third.body.results.map(({ status }: { status: number }) => status)).toEqual([200, 200, 400, 200]);
    expect([third.body.results[0], third.body.results[3]]).toEqual([first.body.results[0], first.body.results[3]]);
    expect(await bulk(items.slice(1), headers)).toMatchObject({ status: 422 });
  });
});
