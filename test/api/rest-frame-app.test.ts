import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';

// That hop's own routes stand in the frame; what the frame does is tested on routes made for that.

let app: TestApp;
beforeAll(async () => {
  app = await startApp({
    BODY_MAX_BYTES: '64KiB',
    CORS_ALLOW_ORIGIN: 'https://admin.test',
    DEFAULT_REGULAR_404_REDIRECT: 'https://elsewhere.test/',
  });
});
afterAll(() => app.stop());

const origin = { origin: 'https://admin.test' };

test('the origin that is configured may read errors too', async () => {
  for (const path of ['/rest/health', '/rest/v3/short-urls/abc', '/rest/v3/nothing', '/rest/docs/json']) {
    const { headers } = await app.request(path, { headers: origin });
    expect(headers.get('access-control-allow-origin')).toBe('https://admin.test');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('an unknown path of the API is a problem, while visitors are redirected', async () => {
  const problem = await app.request('/rest/v3/nothing', { headers: { accept: 'text/html' } });
  expect({ status: problem.status, type: problem.headers.get('content-type') }).toEqual({
    status: 404,
    type: 'application/problem+json',
  });
  expect((await app.request('/no/such/page')).headers.get('location')).toBe('https://elsewhere.test/');
});

test('bodies are limited as configured', async () => {
  const answer = await app.request('/rest/v3/short-urls', {
    method: 'POST',
    body: JSON.stringify({ longUrl: `https://example.com/${'x'.repeat(65_536)}` }),
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(413);
});

test('no short URL can take the place of the API', async () => {
  for (const customSlug of ['rest', 'REST']) {
    const created = await app.services.shortUrls
      .create({ domainId: 0, longUrl: 'https://example.com', customSlug })
      .then(() => 'created', String);
    expect(created).not.toBe('created');
  }
});
