import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Idempotency } from '../../src/short-urls/idempotency.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { createKey, type RestClient, restClient } from '../support/rest.ts';

/** Two web instances on one database, as two processes would be. */
const variables = { DEFAULT_DOMAIN: 'hop.test' };
let first: TestApp;
let second: TestApp;
let one: RestClient;
let two: RestClient;
let key: string;
beforeAll(async () => {
  first = await startApp(variables);
  second = await startApp(variables, { database: first.database });
  key = await createKey(first);
  one = restClient(first, key);
  two = restClient(second, key);
});
afterAll(async () => {
  await second.stop();
  await first.stop();
});

const longUrl = 'https://example.com/target';
const create = (rest: RestClient, idempotencyKey: string, body: object) =>
  rest('POST', '/short-urls', body, { 'idempotency-key': idempotencyKey });

async function created(url: string): Promise<number> {
  return (await first.sql`select from short_urls where long_url = ${url}`).length;
}

describe('a create with an Idempotency-Key', () => {
  test('answers the same when it is sent again, at another process and after an edit and a deletion', async () => {
    const body = {
      longUrl: 'https://example.com/again',
      tags: ['b', 'a'],
      title: 'T',
      maxVisits: 3,
      validSince: '2020-01-01T00:00:00Z',
      domain: 'idem.example',
    };
    const answer = await create(one, 'again', body);
    expect(answer.status).toBe(200);
    expect(await create(one, 'again', body)).toEqual(answer);
    const { shortCode } = answer.body;
    await one('PATCH', `/short-urls/${shortCode}?domain=idem.example`, { title: 'Other' });
    expect(await create(two, 'again', body)).toEqual(answer);
    await one('DELETE', `/short-urls/${shortCode}?domain=idem.example`);
    expect(await create(two, 'again', body)).toEqual(answer);
    expect(await created(body.longUrl)).toBe(0);
  });

  test('is refused with another body, and free for another API key', async () => {
    const answer = await create(one, 'reused', { longUrl });
    expect(await create(two, 'reused', { longUrl, title: 'x' })).toEqual({
      status: 422,
      type: 'application/problem+json',
      body: {
        type: 'https://shlink.io/api/error/idempotency-key-reused',
        title: 'Idempotency key reused',
        detail: 'This Idempotency-Key was used for another request: use a new one for each request.',
        status: 422,
      },
    });
    const other = await create(restClient(first, await createKey(first)), 'reused', { longUrl });
    expect(other.status).toBe(200);
    expect(other.body.shortCode).not.toBe(answer.body.shortCode);
  });

  test('is refused when its body is nested too deeply to be recognised', async () => {
    const depth = 400_000;
    const body = `{"longUrl":"${longUrl}/deep","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const refused = await one('POST', '/short-urls', body, { 'idempotency-key': 'deep' });
    expect([refused.status, refused.body.type]).toEqual([400, 'https://shlink.io/api/error/malformed-request-body']);
    expect(await created(`${longUrl}/deep`)).toBe(0);
  });

  test('settles to one when it is sent fifty times at once, to two processes', async () => {
    const body = { longUrl: 'https://example.com/at-once', tags: ['x'] };
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => create(i % 2 ? one : two, 'at-once', body)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(await created(body.longUrl)).toBe(1);
  });

  test('is tried again after a failure', async () => {
    const taken = (await one('POST', '/short-urls', { longUrl, customSlug: 'idem-taken' })).body.shortCode;
    const body = { longUrl, customSlug: taken };
    expect((await create(one, 'failed', body)).status).toBe(400);
    expect((await create(one, 'failed', body)).status).toBe(400);
    await one('DELETE', `/short-urls/${taken}`);
    expect((await create(two, 'failed', body)).status).toBe(200);
  });

  test('keeps what findIfExists found', async () => {
    const body = { longUrl: 'https://example.com/found', findIfExists: true };
    const existing = (await one('POST', '/short-urls', body)).body;
    expect((await create(one, 'found', body)).body).toEqual(existing);
    await one('PATCH', `/short-urls/${existing.shortCode}`, { title: 'Later' });
    expect((await create(two, 'found', body)).body).toEqual(existing);
  });

  test.each(['', 'x'.repeat(256), '\xfc'])('is refused when the key is %j', async (idempotencyKey) => {
    expect(await create(one, idempotencyKey, { longUrl })).toMatchObject({
      status: 400,
      body: { invalidElements: ['Idempotency-Key'] },
    });
  });

  test('is free again after 24 hours', async () => {
    const before = await create(one, 'old', { longUrl });
    await first.sql`
      update idempotency_keys set created_at = now() - interval '24 hours 1 second' where idempotency_key = 'old'`;
    const after = await create(one, 'old', { longUrl, title: 'Another body' });
    expect(after.status).toBe(200);
    expect(after.body.shortCode).not.toBe(before.body.shortCode);
    expect(await create(two, 'old', { longUrl, title: 'Another body' })).toEqual(after);
  });
});

/** A process that was killed leaves its claim behind, and what it had committed. */
describe('when a process dies', () => {
  const asked = { idempotencyKey: 'killed', request: ['create', {}] };
  const never = () => new Promise<never>(() => {});
  const apiKeyId = async () => {
    const [row] = await first.sql<{ id: number }[]>`select max(api_key_id)::int as id from api_keys`;
    return row?.id ?? 0;
  };

  test('before it created, the claim passes to the next one once it has run out, and no earlier', async () => {
    const request = { ...asked, apiKeyId: await apiKeyId() };
    const dead = new Idempotency(first.services.database, 300);
    void dead.each(request, [0], never);
    await Bun.sleep(50);
    const startedAt = performance.now();
    const next = new Idempotency(second.services.database, 300);
    const [result] = await next.each(request, [0], (_, claim) =>
      second.services.shortUrls.create({ domainId: 0, longUrl, authorApiKeyId: claim.apiKeyId, claim }),
    );
    expect(performance.now() - startedAt).toBeGreaterThan(150);
    expect(result).toMatchObject({ shortUrl: { longUrl } });
    expect<unknown>(await dead.each(request, [0], never)).toEqual([result]);
  });

  test('and only seemed dead, it creates nothing under the claim that it lost', async () => {
    const request = { ...asked, idempotencyKey: 'zombie', apiKeyId: await apiKeyId() };
    const url = 'https://example.com/zombie';
    const gate = Promise.withResolvers<void>();
    const lease = 100;
    const slow = new Idempotency(first.services.database, lease).each(request, [0], async (_, claim) => {
      await gate.promise;
      return first.services.shortUrls.create({
        domainId: 0,
        longUrl: url,
        customSlug: 'zombie-1',
        authorApiKeyId: claim.apiKeyId,
        claim,
      });
    });
    await Bun.sleep(50);
    const quick = await new Idempotency(second.services.database, lease).each(request, [0], (_, claim) =>
      second.services.shortUrls.create({ domainId: 0, longUrl: url, authorApiKeyId: claim.apiKeyId, claim }),
    );
    expect(quick).toMatchObject([{ shortUrl: { longUrl: url } }]);
    gate.resolve();
    expect(await slow).toMatchObject([{ error: {} }]);
    expect(await created(url)).toBe(1);
  });
});
