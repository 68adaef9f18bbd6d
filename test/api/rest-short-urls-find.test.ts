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

const find = async (fields: object): Promise<string> => {
  const { status, body } = await rest('POST', '/short-urls', { findIfExists: true, ...fields });
  expect(status).toBe(200);
  return body.shortCode;
};
const create = (fields: object) => find({ findIfExists: false, ...fields });

describe('findIfExists', () => {
  test('answers the newest short URL of the long URL when nothing else is said', async () => {
    const longUrl = 'https://example.com/oldest';
    const codes = [];
    for (const tags of [['x'], [], ['y']]) codes.push(await create({ longUrl, tags }));
    expect(await find({ longUrl })).toBe(codes[2] ?? '');
    expect(await find({ longUrl: `${longUrl}/` })).not.toBe(codes[2] ?? '');
  });

  test('compares tags as a set', async () => {
    const longUrl = 'https://example.com/tags';
    await create({ longUrl, tags: ['a', 'b', 'c'] });
    await create({ longUrl, tags: ['a'] });
    const both = await create({ longUrl, tags: ['a', 'b'] });
    expect(await find({ longUrl, tags: ['B', 'a', 'b'] })).toBe(both);
    const other = await find({ longUrl, tags: ['a', 'z'] });
    expect(await find({ longUrl, tags: ['z', 'a'] })).toBe(other);
  });

  test.each<[string, object, object]>([
    ['maxVisits', { maxVisits: 5 }, { maxVisits: 6 }],
    ['validSince', { validSince: '2020-01-01T00:00:00+01:00' }, { validSince: '2020-01-01T00:00:00Z' }],
    ['validUntil', { validUntil: '2040-01-01' }, { validUntil: '2040-01-02' }],
    ['domain', { domain: 'found.example' }, {}],
    ['pathPrefix', { pathPrefix: 'p-' }, { pathPrefix: 'q-' }],
    ['customSlug', { customSlug: 'find-1' }, { customSlug: 'find-2' }],
  ])('compares %s', async (name, same, other) => {
    const longUrl = `https://example.com/compare-${name}`;
    const code = await create({ longUrl, ...same });
    expect(await find({ longUrl, ...same })).toBe(code);
    expect(await find({ longUrl, ...other })).not.toBe(code);
  });

  test('of one slug by fifty at once answers the same short URL to all', async () => {
    const fields = { longUrl: 'https://example.com/race', customSlug: 'find-race', tags: ['r'] };
    const codes = await Promise.all(Array.from({ length: 50 }, () => find(fields)));
    expect(new Set(codes)).toEqual(new Set(['find-race']));
  });

  test('uses the index on the long URL among many', async () => {
    await app.sql`
      insert into short_urls (domain_id, short_code, create_id, long_url)
      select 0, 'many-' || n, gen_random_uuid(), 'https://example.com/many/' || n from generate_series(1, 20000) n`;
    await app.sql`analyze short_urls`;
    const plan = await app.sql<{ 'QUERY PLAN': string }[]>`
      explain select from short_urls s
      where hashtextextended(s.long_url, 0) = hashtextextended('https://example.com/many/7', 0)
        and s.long_url = 'https://example.com/many/7' and s.domain_id = 0`;
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('short_urls_by_long_url');
    expect(await find({ longUrl: 'https://example.com/many/7' })).toBe('many-7');
  });
});

describe('a domain that is new', () => {
  test('is made with the first short URL, redirects at once, and is known to other processes within 2 s', async () => {
    const other = await startApp({}, { database: app.database });
    const longUrl = 'https://example.com/on-new-domain';
    const { body } = await rest('POST', '/short-urls', { longUrl, customSlug: 'dom', domain: 'New_One.Example:8080' });
    expect(body).toMatchObject({ domain: 'new_one.example:8080', shortUrl: 'http://new_one.example:8080/dom' });
    const visit = async (at: TestApp) =>
      (await at.request('/dom', { headers: { host: 'new_one.example:8080' } })).headers.get('location');
    expect(await visit(app)).toBe(longUrl);
    const startedAt = performance.now();
    while ((await visit(other)) !== longUrl && performance.now() - startedAt < 3_000) await Bun.sleep(20);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    const otherRest = restClient(other, await createKey(app));
    expect((await otherRest('GET', '/short-urls/dom?domain=NEW_one.example:8080')).status).toBe(200);
    await other.stop();
  });
});

test('a prefix stands before the slug and before the generated code', async () => {
  const longUrl = 'https://example.com/prefix';
  expect(await create({ longUrl, pathPrefix: 'foo/b  ar-baz', customSlug: 'x' })).toBe('foo-b--ar-bazx');
  const code = await create({ longUrl, pathPrefix: 'foo/b  ar-baz', shortCodeLength: 12 });
  expect(code).toMatch(/^foo-b--ar-baz[0-9A-Za-z]{12}$/);
  expect((await app.request(`/${code}`)).headers.get('location')).toBe(longUrl);
});

test('an emoji slug is answered unescaped, found and redirected', async () => {
  const longUrl = 'https://example.com/emoji';
  const { body } = await rest('POST', '/short-urls', { longUrl, customSlug: '🔥' });
  expect(body.shortUrl).toBe(`http://localhost:${app.port}/🔥`);
  expect((await rest('GET', `/short-urls/${encodeURIComponent('🔥')}`)).body).toEqual(body);
  expect((await app.request(`/${encodeURIComponent('🔥')}`)).headers.get('location')).toBe(longUrl);
});
