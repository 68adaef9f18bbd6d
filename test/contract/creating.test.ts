import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { ShlinkShortUrl } from '@shlinkio/shlink-js-sdk/api-contract';
import { type ContractClient, startContractClient } from './client.ts';

let client: ContractClient;

beforeAll(async () => {
  client = await startContractClient();
});

afterAll(() => client[Symbol.asyncDispose]());

const get = async (shortUrl: ShlinkShortUrl) => client.sdk.getShortUrl(shortUrl);

describe('a created short URL', () => {
  test('has what nobody asked for by default', async () => {
    const created = await client.create({ longUrl: 'https://example.com/default' });
    expect(created).toEqual({
      shortCode: expect.stringMatching(/^[0-9A-Za-z]{7}$/),
      shortUrl: `http://s.test/${created.shortCode}`,
      longUrl: 'https://example.com/default',
      dateCreated: expect.any(String),
      visitsSummary: { total: 0, nonBots: 0, bots: 0 },
      tags: [],
      meta: { validSince: null, validUntil: null, maxVisits: null },
      domain: null,
      title: null,
      crawlable: false,
      forwardQuery: true,
      hasRedirectRules: false,
    });
  });

  test('has its tags in the order sent, and alphabetically afterwards', async () => {
    const created = await client.create({ tags: ['zebra', 'apple', 'mango'] });
    expect(created.tags).toEqual(['zebra', 'apple', 'mango']);
    expect((await get(created)).tags).toEqual(['apple', 'mango', 'zebra']);
  });

  test('has normalised tags, each once', async () => {
    const { tags } = await client.create({ tags: ['  Foo Bar ', 'ÉCOLE', 'foo-bar', 'a  b'] });
    expect(tags).toEqual(['foo-bar', 'école', expect.stringMatching(/^a-{1,2}b$/)]);
  });

  test('has a trimmed title of at most 512 characters', async () => {
    expect((await client.create({ title: '  Hello  ' })).title).toBe('Hello');
    expect((await client.create({ title: 'é'.repeat(600) })).title).toBe('é'.repeat(512));
  });

  test('has dates to the second, in UTC', async () => {
    const { meta } = await client.create({
      validSince: '2020-06-01T12:00:00.987+02:00',
      validUntil: '2030-06-01T12:00:00-05:00',
    });
    expect(meta).toEqual({
      validSince: '2020-06-01T10:00:00+00:00',
      validUntil: '2030-06-01T17:00:00+00:00',
      maxVisits: null,
    });
  });

  test.each([
    'https://example.com',
    'https://example.com/a b',
    'https://example.com/ñ?q=é#日本',
    'HTTPS://EXAMPLE.com/%7euser',
    'mailto:someone@example.com',
    'android-app://com.example/path',
  ])('has its long URL exactly as given: %s', async (longUrl) => {
    const created = await client.create({ longUrl });
    expect(created.longUrl).toBe(longUrl);
    expect((await get(created)).longUrl).toBe(longUrl);
  });

  test.each([
    ['my slug', 'my-slug'],
    ['foo/bar', 'foo-bar'],
    ['🔥', '🔥'],
    ['ñandú', 'ñandú'],
  ])('has the slug "%s" as "%s"', async (customSlug, shortCode) => {
    const created = await client.create({ customSlug });
    expect(created).toMatchObject({ shortCode, shortUrl: `http://s.test/${shortCode}` });
    expect(await client.sdk.getShortUrl({ shortCode: encodeURIComponent(shortCode) })).toEqual(created);
  });

  test('has a path prefix before its code', async () => {
    const { shortCode } = await client.create({ pathPrefix: 'foo/b  ar-baz' });
    expect(shortCode).toMatch(/^foo-b--ar-baz[0-9A-Za-z]{7}$/);
  });

  test.each([4, 10, 20])('has a code of %d characters when asked for', async (shortCodeLength) => {
    expect((await client.create({ shortCodeLength })).shortCode).toHaveLength(shortCodeLength);
  });

  test('is of the default domain when that is named', async () => {
    expect((await client.create({ domain: 's.test' })).domain).toBeNull();
  });

  test.each(['shop.test', 'with_underscore.test', 'port.test:8080', '127-0-0-1.test'])(
    'may be of the domain %s',
    async (domain) => {
      const created = await client.create({ domain });
      expect(created).toMatchObject({ domain, shortUrl: `http://${domain}/${created.shortCode}` });
    },
  );

  test('takes explicit nulls for what is absent', async () => {
    const names = ['validSince', 'validUntil', 'maxVisits', 'title', 'tags', 'customSlug', 'pathPrefix', 'domain'];
    const flags = ['crawlable', 'forwardQuery', 'findIfExists', 'shortCodeLength'];
    const created = await client.create(Object.fromEntries([...names, ...flags].map((name) => [name, null])));
    const { shortCode, shortUrl, dateCreated } = created;
    expect(created).toEqual({ ...(await client.create()), shortCode, shortUrl, dateCreated });
  });

  test('takes unknown fields for absent', async () => {
    expect(await client.create({ validateUrl: true, deviceLongUrls: {} })).toBeDefined();
  });

  test('is readable before it is valid and after it has expired, though not for visitors', async () => {
    const early = await client.create({ validSince: '2120-01-01T00:00:00Z' });
    const late = await client.create({ validUntil: '2020-01-01T00:00:00Z' });
    for (const created of [early, late]) {
      expect(await get(created)).toEqual(created);
      expect((await client.app.request(`/${created.shortCode}`, { headers: { host: 's.test' } })).status).toBe(404);
    }
  });
});

describe('findIfExists', () => {
  const fields = {
    longUrl: 'https://example.com/exists',
    tags: ['b', 'a'],
    validSince: '2020-01-01T00:00:00Z',
    maxVisits: 5,
  };

  test('finds what has the same fields, the tags in any order', async () => {
    const { shortCode } = await client.create(fields);
    expect(await client.create({ ...fields, tags: ['a', 'B '], findIfExists: true })).toMatchObject({ shortCode });
  });

  test('finds the newest', async () => {
    const longUrl = 'https://example.com/newest';
    await client.create({ longUrl });
    const { shortCode } = await client.create({ longUrl });
    expect(await client.create({ longUrl, findIfExists: true })).toMatchObject({ shortCode });
  });

  test('finds by slug and long URL', async () => {
    const created = await client.create({ customSlug: 'exists', longUrl: 'https://example.com/slug' });
    const again = { customSlug: 'exists', longUrl: 'https://example.com/slug', findIfExists: true };
    expect(await client.create(again)).toEqual(created);
  });

  test.each([
    [{ longUrl: 'https://example.com/other' }],
    [{ tags: ['a'] }],
    [{ tags: ['a', 'b', 'c'] }],
    [{ maxVisits: 6 }],
    [{ validSince: '2020-01-01T00:00:01Z' }],
    [{ validUntil: '2120-01-01T00:00:00Z' }],
    [{ domain: 'elsewhere.test' }],
  ])('creates another one with %j', async (other) => {
    const { shortCode } = await client.create(fields);
    const created = await client.create({ ...fields, ...other, findIfExists: true });
    expect(created.shortCode).not.toBe(shortCode);
  });
});

describe('editing', () => {
  const patch = async (shortUrl: ShlinkShortUrl, body: unknown) =>
    (await client.request(`/short-urls/${shortUrl.shortCode}`, { method: 'PATCH', body })).body;

  test('changes every field', async () => {
    const created = await client.create();
    const edited = await patch(created, {
      longUrl: 'https://example.com/edited',
      title: ' Edited ',
      tags: ['Two', 'One'],
      crawlable: true,
      forwardQuery: false,
      validSince: '2020-01-01T00:00:00Z',
      validUntil: '2120-01-01T00:00:00Z',
      maxVisits: 9,
    });
    expect(edited).toEqual({
      ...created,
      longUrl: 'https://example.com/edited',
      title: 'Edited',
      tags: ['one', 'two'],
      crawlable: true,
      forwardQuery: false,
      meta: { validSince: '2020-01-01T00:00:00+00:00', validUntil: '2120-01-01T00:00:00+00:00', maxVisits: 9 },
    });
    expect<unknown>(await get(created)).toEqual(edited);
  });

  test('resets what is null', async () => {
    const created = await client.create({
      title: 'Set',
      validSince: '2020-01-01T00:00:00Z',
      validUntil: '2120-01-01T00:00:00Z',
      maxVisits: 9,
    });
    const edited = await patch(created, { title: null, validSince: null, validUntil: null, maxVisits: null });
    const meta = { validSince: null, validUntil: null, maxVisits: null };
    expect(edited).toEqual({ ...created, title: null, meta });
  });

  test('removes all tags by an empty list', async () => {
    const created = await client.create({ tags: ['gone'] });
    expect(await patch(created, { tags: [] })).toEqual({ ...created, tags: [] });
  });

  test.each(['[]', '{}'])('changes nothing by %s', async (body) => {
    const created = await client.create({ title: 'Kept', tags: ['kept'], maxVisits: 3 });
    expect(await patch(created, body)).toEqual(created);
  });

  test('is of the domain asked for', async () => {
    const here = await client.create({ customSlug: 'two-domains' });
    const there = await client.create({ customSlug: 'two-domains', domain: 'there.test' });
    await client.sdk.updateShortUrl(there, { title: 'There' });
    expect(await get(here)).toEqual(here);
    expect(await get(there)).toEqual({ ...there, title: 'There' });
  });
});

test('deleting frees the slug', async () => {
  const created = await client.create({ customSlug: 'freed' });
  const { status } = await client.request('/short-urls/freed', { method: 'DELETE' });
  expect(status).toBe(204);
  expect(await client.create({ customSlug: 'freed' })).toMatchObject({ shortCode: created.shortCode });
});

describe('in a single step', () => {
  const step = (query: string, headers: Record<string, string> = {}) =>
    client.request(
      `/short-urls/shorten?apiKey=the-key-of-the-contract-tests&longUrl=https://example.com/step${query}`,
      {
        apiKey: null,
        headers,
      },
    );

  test('a short URL is created as text', async () => {
    const { status, headers, body } = await step('&format=txt');
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: 'text/plain' });
    expect(body).toMatch(/^http:\/\/s\.test\/[0-9A-Za-z]{7}$/);
  });

  test.each(['', '&format=json'])('a short URL is created as JSON%s', async (query) => {
    const { status, headers, body } = await step(query);
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: 'application/json' });
    expect(body).toMatchObject({ longUrl: 'https://example.com/step' });
  });
});
