import { expect, test } from 'bun:test';
import { until } from '../process/fixtures/programs.ts';
import { createEmptyDatabase, createTestDatabase } from '../support/database.ts';
import { Hops } from '../support/hop-process.ts';
import { startProxy, upstreamOf } from '../support/proxy.ts';
import { connect } from '../support/sql.ts';
import { freePort, listens } from '../support/supervised.ts';
import { startTestWeb, type TestWeb } from '../support/web.ts';
import { startControl } from './control.ts';
import { throughProxy } from './stage.ts';

test.concurrent('hop starts without its database, says so, and works as soon as that appears', async () => {
  await using stack = new AsyncDisposableStack();
  const control = stack.use(await startControl());
  const database = await createTestDatabase(); // migrated: it is the way back that is timed
  stack.defer(() => database.drop());
  const proxy = stack.use(await startProxy(upstreamOf(database.url)));
  await proxy.become('refuse');
  const web = stack.use(await startTestWeb(throughProxy(database.url, proxy.port)));

  const answers = await Promise.all([web.get('/cold'), web.create('https://example.com/'), web.get('/other')]);
  await Bun.sleep(600);
  answers.push(await web.get('/cold'), await web.create('https://example.com/'));
  for (const { status, headers, ms } of answers) {
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('1');
    expect(ms).toBeLessThan(600);
  }
  expect((await web.get('/')).status).toBe(404);

  await proxy.become('forward');
  const forwardedAtMs = performance.now();
  const tookMs = await untilItWorks(web);
  // On a machine that makes a well hop wait, the clock tells nothing.
  if (control.worstMs(forwardedAtMs, performance.now()) < 250) expect(tookMs).toBeLessThan(2_500);
  expect(web.fatal).toEqual([]);
});

for (const way of ['reset', 'close'] as const) {
  test.concurrent(`a connection lost in the middle of a migration (${way}) is no reason to give up`, async () => {
    await using stack = new AsyncDisposableStack();
    const database = await createEmptyDatabase();
    stack.defer(() => database.drop());
    const proxy = stack.use(await startProxy(upstreamOf(database.url)));
    const fatefulWords = new Set(['create table if not exists migrations', 'create table short_urls', 'commit']);
    proxy.breakWhen = (sent) => {
      const word = [...fatefulWords].find((fateful) => sent.includes(fateful));
      return word !== undefined && fatefulWords.delete(word) && way;
    };
    const web = stack.use(await startTestWeb(throughProxy(database.url, proxy.port)));

    await untilItWorks(web);
    expect(fatefulWords.size).toBe(0);
    expect(web.fatal).toEqual([]);
  });
}

test.concurrent('a process that cannot be told whether it is alone answers soon when there is no database to wait for', async () => {
  await using hops = new Hops();
  const [PORT, nobody] = [String(await freePort()), await freePort()];
  const DATABASE_URL = `postgres://hop@127.0.0.1:${nobody}/hop`;
  const beganAtMs = performance.now();
  hops.start(['web', '--index=1'], { DATABASE_URL, PORT, DATA_DIR: hops.newDataDir(), DEFAULT_DOMAIN: 's.example' });
  await until(async () => (await fetch(`http://127.0.0.1:${PORT}/code`).catch(() => undefined))?.status === 503);
  // One that is there may take ten seconds to be brought up to date.
  expect(performance.now() - beganAtMs).toBeLessThan(9_000);
});

test.concurrent('a process that is alone listens while it connects, and lets requests wait; others listen when they are ready', async () => {
  await using stack = new AsyncDisposableStack();
  const database = await createTestDatabase();
  stack.defer(() => database.drop());
  await using hops = new Hops();
  const sql = stack.use(connect(database.url));
  await sql`
    insert into short_urls (domain_id, short_code, create_id, long_url)
    values (0, 'code', gen_random_uuid(), 'https://example.com/x')`;
  const ports = [await freePort(), await freePort()] as const;
  const [first, other] = ports.map((port) => ({ port, url: `http://127.0.0.1:${port}/` }));
  if (first === undefined || other === undefined) throw new Error('there are two');
  const asked: Promise<Held>[] = [];
  const startedAtMs = performance.now();
  await sql.begin(async (transaction) => {
    await transaction`lock domains`;
    for (const [{ port }, flags] of [
      [first, []],
      [other, ['--index=2']],
    ] as const) {
      const variables = { DATABASE_URL: database.url, PORT: String(port), DATA_DIR: hops.newDataDir() };
      const open = { DEFAULT_DOMAIN: 's.example', HOST: '127.0.0.1', ANONYMOUS_CREATE: 'true' };
      hops.start(['web', ...flags], { ...variables, ...open });
    }
    await until(() => listens(first.port));
    asked.push(held(fetch(`${first.url}code`, { redirect: 'manual' }), startedAtMs));
    asked.push(held(fetch(first.url, { method: 'POST', body: '{"url":"https://example.com/y"}' }), startedAtMs));
    await Bun.sleep(100);
    expect(await Promise.race([...asked, listens(other.port)])).toBe(false);
  });
  const [redirect, created] = await Promise.all(asked);
  if (redirect !== 'too long') expect(redirect?.headers.get('location')).toBe('https://example.com/x');
  if (created !== 'too long') expect(created?.status).toBe(201);
  await until(() => listens(other.port));
  expect((await fetch(`${other.url}code`, { redirect: 'manual' })).status).toBe(302);
});

test.concurrent('who waits for the first process is answered also when the end is asked for meanwhile', async () => {
  await using stack = new AsyncDisposableStack();
  const database = await createTestDatabase();
  stack.defer(() => database.drop());
  await using hops = new Hops();
  const sql = stack.use(connect(database.url));
  const port = await freePort();
  const variables = { DATABASE_URL: database.url, PORT: String(port), DATA_DIR: hops.newDataDir(), HOST: '127.0.0.1' };
  const asked: Promise<Held>[] = [];
  const startedAtMs = performance.now();
  const hop = await sql.begin(async (transaction) => {
    await transaction`lock domains`;
    const started = hops.start(['serve'], { ...variables, DEFAULT_DOMAIN: 's.example', WEB_CONCURRENCY: '1' });
    await until(() => listens(port));
    asked.push(held(fetch(`http://127.0.0.1:${port}/code`), startedAtMs));
    await Bun.sleep(100);
    started.process.kill('SIGTERM');
    await Bun.sleep(100);
    return started;
  });
  const [answer] = await Promise.all(asked);
  if (answer !== 'too long') expect(answer?.status).toBe(404);
  expect(await hop.process.exited).toBe(0);
});

type Held = Response | 'too long';

/**
 * The answer; where the machine takes longer over the start than hop looks for its database and lets requests wait, that
 * is a 503 and tells nothing.
 */
async function held(request: Promise<Response>, startedAtMs: number): Promise<Held> {
  const answer = await request;
  if (answer.status !== 503 || performance.now() - startedAtMs < 1_000) return answer;
  console.log('not timed: the machine has too much else to do');
  return 'too long';
}

/** Milliseconds until a short URL can be made and followed. */
async function untilItWorks(web: TestWeb): Promise<number> {
  const beganAtMs = performance.now();
  let made = await web.create('https://example.com/first');
  while (made.status !== 201 && performance.now() - beganAtMs < 10_000) {
    await Bun.sleep(20);
    made = await web.create('https://example.com/first');
  }
  expect(made.status).toBe(201);
  const { pathname } = new URL(made.headers.get('location') ?? '');
  while ((await web.get(pathname)).status !== 302 && performance.now() - beganAtMs < 10_000) await Bun.sleep(20);
  return performance.now() - beganAtMs;
}
