import { afterAll, beforeAll, expect, test } from 'bun:test';
import { HealthCheck } from '../../src/health/service.ts';
import { VERSION } from '../../src/lib/version.ts';
import { throughProxy } from '../fault/stage.ts';
import { until } from '../process/fixtures/programs.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { createTestDatabase } from '../support/database.ts';
import { startProxy, upstreamOf } from '../support/proxy.ts';
import { startTestWeb } from '../support/web.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

test.each(['/rest/health', '/rest/v1/health', '/rest/v2/health', '/rest/v3/health'])(
  '%s passes without a key',
  async (path) => {
    const answer = await app.request(path);
    const docs = `http://localhost:${app.port}/rest/docs`;
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(await answer.json()).toEqual({
      status: 'pass',
      version: '5.0.0',
      releaseId: VERSION,
      links: { about: docs, project: docs },
    });
  },
);

test('health fails soon while the database is down or silent, and passes again', async () => {
  await using database = await testDatabase();
  await using proxy = await startProxy(upstreamOf(database.url));
  await using web = await startTestWeb(throughProxy(database.url, proxy.port));
  await web.services.ready;
  for (const mode of ['refuse', 'swallow'] as const) {
    await proxy.become(mode);
    const { status, headers, body, ms } = await web.get('/rest/health');
    expect(status).toBe(503);
    expect(headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(JSON.parse(body)).toMatchObject({ status: 'fail', version: '5.0.0' });
    expect(ms).toBeLessThan(1_500);
    await proxy.become('forward');
    await until(async () => (await web.get('/rest/health')).status === 200);
  }
}, 20_000);

test('health fails before the database has ever been reached', async () => {
  await using web = await startTestWeb('postgres://hop@127.0.0.1:1/hop');
  expect(await web.get('/rest/health')).toMatchObject({ status: 503, body: expect.stringContaining('"fail"') });
  expect((await web.get('/rest/docs')).status).toBe(200);
  expect((await web.get('/rest/v3/short-urls/abc')).status).toBe(503);
});

test('any number of questions at once costs one statement', async () => {
  let pings = 0;
  const health = new HealthCheck({ ping: async () => void pings++, isReady: () => true });
  const answers = await Promise.all(Array.from({ length: 100 }, () => health.passes()));
  expect({ pings, passing: answers.every(Boolean) }).toEqual({ pings: 1, passing: true });
  await health.passes();
  expect(pings).toBe(2);
});

async function testDatabase() {
  const database = await createTestDatabase();
  return { ...database, [Symbol.asyncDispose]: () => database.drop() };
}
