import { expect, test } from 'bun:test';
import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/observability/log.ts';
import { startWeb } from '../../src/web.ts';
import { PATIENCE_MS } from '../process/fixtures/programs.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/http-refusal.ts';

/** A web process that is used at once. */
function start(databaseUrl: string, errors: string[] = []) {
  return startWeb({
    config: loadConfig(
      { PORT: '0', DISABLE_TRACKING: 'true' },
      { embedded: true, overrides: { DATABASE_URL: databaseUrl } },
    ),
    log: createLogger('error', (line) => errors.push(line)),
    databaseUrl,
    onFatal: (error) => errors.push(String(error)),
  });
}

test('without a database, everything that needs it is answered with 503', async () => {
  const web = start('postgres://hop@127.0.0.1:1/hop');
  try {
    const url = `http://127.0.0.1:${web.server.port}`;
    const created = await fetch(url, { method: 'POST', body: '{"url":"example.com"}' });
    expect(created.headers.get('retry-after')).toBe('1');
    await expectRefusal(created, 503, 'request');
    const redirect = await fetch(`${url}/abc`);
    expect(redirect.status).toBe(503);
    expect(redirect.headers.get('retry-after')).toBe('1');
    expect(redirect.headers.get('content-type')).toBe('application/problem+json');
    for (const path of ['/', '/a/b', '/%00']) expect((await fetch(url + path)).status).toBe(404);
  } finally {
    await web.stop();
  }
});

test('a new database is never an internal error while its schema is made', async () => {
  const database = await createEmptyDatabase();
  const errors: string[] = [];
  const web = start(database.url, errors);
  try {
    const url = `http://127.0.0.1:${web.server.port}`;
    const statuses = new Set<number>();
    for (const end = performance.now() + PATIENCE_MS; !statuses.has(201) && performance.now() < end; ) {
      // Where there is one core only, Linux may let who answers at once come before PostgreSQL for seconds.
      await Bun.sleep(1);
      statuses.add((await fetch(url, { method: 'POST', body: '{"url":"example.com"}' })).status);
      statuses.add((await fetch(`${url}/unknown`)).status);
    }
    expect([...statuses].sort()).toEqual([201, 404, 503]);
    expect(errors).toEqual([]);
  } finally {
    await web.stop();
    await database.drop();
  }
});
