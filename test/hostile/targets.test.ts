import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { rawGet } from '../support/http.ts';
import { createKey } from '../support/rest.ts';

/** None of these is a host, so that Bun hands the target on as it was sent. */
const HOSTS = ['Host: evil/x', 'Host: a b', 'Host: '];
const VARIABLES = { RATE_LIMIT_INVALID_API_KEYS: '3' };

let app: TestApp;
beforeAll(async () => {
  app = await startApp(VARIABLES);
});
afterAll(() => app.stop());

test('a path is judged as the one that is answered, whatever Host says', async () => {
  const key = `X-Api-Key: ${await createKey(app)}`;
  for (const host of [...HOSTS, 'Host: localhost']) {
    for (const target of [
      '/rest/v3/short-urls/x\\..\\..\\tags',
      '/rest/v3/short-urls/../tags',
      '/rest/v3/x/%2e%2E/tags',
    ]) {
      expect((await rawGet(app.port, target, [host, key]))?.status).toBe(200);
    }
    for (const target of ['/rest/v3/short-urls\\..\\nothing', '/rest/v3/short-urls/..']) {
      expect((await rawGet(app.port, target, [host, key]))?.status).toBe(404);
    }
  }
});

test('guessed keys count however the path is written', async () => {
  const visitor = 'X-Forwarded-For: 203.0.113.7';
  const statuses: (number | undefined)[] = [];
  for (let guess = 0; guess < 5; guess++) {
    const target = `/rest/v3/short-urls/x\\..\\shorten?apiKey=guess${guess}&longUrl=https://example.com`;
    statuses.push((await rawGet(app.port, target, ['Host: evil/x', visitor]))?.status);
  }
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
});
