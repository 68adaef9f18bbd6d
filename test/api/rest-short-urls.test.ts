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

async function location(path: string, host?: string): Promise<string | number | null> {
  const answer = await app.request(path, host === undefined ? {} : { headers: { host } });
  return answer.headers.get('location') ?? answer.status;
}

test('a short URL is created with everything that can be said of it, and answered again as it is', async () => {
  const answer = await rest('POST', '/short-urls', {
    longUrl: 'https://example.com/a b?q=ä#f',
    customSlug: 'all-of-it',
    tags: ['Foo Bar', ' ÄPFEL ', 'foo-bar', 'a'],
    title: '  A title  ',
    crawlable: true,
    forwardQuery: false,
    validSince: '2020-01-01T00:00:00+02:00',
    validUntil: '2040-12-31T23:59:59.999Z',
    maxVisits: 5,
    shortCodeLength: 8,
    findIfExists: false,
  });
  expect(answer).toMatchObject({ status: 200, type: 'application/json;charset=utf-8' });
  expect(answer.body).toEqual({
    shortCode: 'all-of-it',
    shortUrl: `http://localhost:${app.port}/all-of-it`,
    longUrl: 'https://example.com/a b?q=ä#f',
    dateCreated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/),
    visitsSummary: { total: 0, nonBots: 0, bots: 0 },
    tags: ['foo-bar', 'äpfel', 'a'],
    meta: { validSince: '2019-12-31T22:00:00+00:00', validUntil: '2040-12-31T23:59:59+00:00', maxVisits: 5 },
    domain: null,
    title: 'A title',
    crawlable: true,
    forwardQuery: false,
    hasRedirectRules: false,
  });
  expect(await rest('GET', '/short-urls/all-of-it')).toMatchObject({
    status: 200,
    body: { ...answer.body, tags: ['a', 'foo-bar', 'äpfel'] },
  });
  expect(await location('/all-of-it?x=1')).toBe('https://example.com/a%20b?q=%C3%A4#f');
});

describe('what is created', () => {
  test('is edited: fields change, nulls reset, tags are replaced, and it redirects accordingly', async () => {
    await rest('POST', '/short-urls', { longUrl, customSlug: 'edited', tags: ['a', 'b'], title: 'T', maxVisits: 3 });
    expect(await location('/edited')).toBe(longUrl);
    const edition = { longUrl: 'https://example.com/new', tags: ['z', 'b'], title: null, maxVisits: null };
    const { status, body } = await rest('PATCH', '/short-urls/edited', edition);
    expect(status).toBe(200);
    expect(body).toMatchObject({ longUrl: edition.longUrl, tags: ['b', 'z'], title: null, meta: { maxVisits: null } });
    expect((await rest('GET', '/short-urls/edited')).body).toEqual(body);
    expect(await location('/edited')).toBe('https://example.com/new');
    expect((await rest('PATCH', '/short-urls/edited', { tags: null })).body.tags).toEqual([]);
    expect((await rest('PATCH', '/short-urls/edited', [])).body).toEqual({ ...body, tags: [] });
  });

  test('is deleted, and gone at once', async () => {
    await rest('POST', '/short-urls', { longUrl, customSlug: 'deleted', tags: ['a'] });
    expect(await location('/deleted')).toBe(longUrl);
    expect(await rest('DELETE', '/short-urls/deleted')).toEqual({ status: 204, type: null, body: '' });
    expect(await location('/deleted')).toBe(404);
    expect((await rest('GET', '/short-urls/deleted')).status).toBe(404);
    expect((await rest('DELETE', '/short-urls/deleted')).status).toBe(404);
  });
});
