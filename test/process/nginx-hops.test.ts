import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Hop, Hops } from '../support/hop-process.ts';
import { hasNginx, type Nginx, NO_NGINX, startNginx } from '../support/nginx.ts';
import { connect } from '../support/sql.ts';
import { getFrom } from '../support/visitor.ts';
import { readJournals } from '../support/visits.ts';
import { Programs, until } from './fixtures/programs.ts';

if (!hasNginx) console.warn(NO_NGINX);

describe.skipIf(!hasNginx)('deploy/nginx before two hop', () => {
  const programs = new Programs();
  const hops = new Hops();
  const dataDirs = [hops.newDataDir(), hops.newDataDir()];
  let database: TestDatabase;
  let running: Hop[];
  let nginx: Nginx;
  beforeAll(async () => {
    database = await createTestDatabase();
    running = dataDirs.map((dataDir) => startHop(hops, database.url, dataDir));
    const urls = await Promise.all(running.map((hop) => hop.url()));
    for (const url of urls) await until(async () => (await fetch(`${url}/unknown`)).status === 404);
    const servers = urls.map((url) => `${new URL(url).host} max_fails=0`);
    nginx = await startNginx(join(programs.folder, 'nginx'), servers);
  });
  afterAll(async () => {
    await nginx[Symbol.asyncDispose]();
    await hops[Symbol.asyncDispose]();
    await programs[Symbol.asyncDispose]();
    await database.drop();
  });

  test('the address in the journal is that of the visitor', async () => {
    const created = await create(nginx.url, 'https://example.com/visited');
    const { pathname } = new URL(created.headers.get('location') ?? '');
    await getFrom('127.9.9.9', nginx.url + pathname, { 'x-forwarded-for': '203.0.113.7' });
    const visits = () =>
      dataDirs
        .flatMap((dataDir) => readJournals(join(dataDir, 'journal')).visits)
        .filter(({ kind }) => kind === 'short_url');
    await until(() => visits().length > 0);
    expect(visits()).toMatchObject([{ shortCode: pathname.slice(1), address: '127.9.9.0' }]);
  });

  test('kill -9 of one under load fails no GET, and no POST arrives twice', async () => {
    const created = await create(nginx.url, 'https://example.com/');
    const path = new URL(created.headers.get('location') ?? '').pathname;
    const load = startLoad(nginx.url, path);
    await until(() => load.gets.length > 200);
    running[0]?.process.kill('SIGKILL');
    const before = load.gets.length;
    await until(() => load.gets.length > before + 500);
    await load.stop();
    expect(load.gets.filter((status) => status !== 302)).toEqual([]);
    expect([...load.posts.values()]).toContain(201);
    expect(await countRows(database.url, load.posts)).toEqual({ lost: 0, doubled: 0 });
  });
});

function startHop(hops: Hops, databaseUrl: string, dataDir: string): Hop {
  return hops.start(['serve'], {
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    HOST: '127.0.0.1',
    PORT: '0',
    DEFAULT_DOMAIN: 's.example',
    ANONYMOUS_CREATE: 'true',
    RATE_LIMIT_ANONYMOUS_CREATES: '0',
    // Not all of loopback, as by default: a visitor comes from there.
    TRUSTED_PROXIES: '127.0.0.1',
  });
}

function create(url: string, longUrl: string): Promise<Response> {
  return fetch(url, { method: 'POST', body: JSON.stringify({ url: longUrl }) });
}

interface Load {
  /** Statuses; 0 where the connection broke. */
  readonly gets: number[];
  /** By long URL. */
  readonly posts: Map<string, number>;
  stop(): Promise<void>;
}

/** Visitors and creators, each of whom asks again once answered. */
function startLoad(url: string, path: string): Load {
  const load = { gets: [] as number[], posts: new Map<string, number>() };
  let runs = true;
  const status = (answer: Promise<Response>) => answer.then((response) => response.status).catch(() => 0);
  const visitor = async () => {
    while (runs) load.gets.push(await status(fetch(url + path, { redirect: 'manual' })));
  };
  const creator = async (_: unknown, name: number) => {
    for (let i = 0; runs; i++) {
      const longUrl = `https://example.com/${name}/${i}`;
      load.posts.set(longUrl, await status(create(url, longUrl)));
    }
  };
  const everybody = [...Array.from({ length: 8 }, visitor), ...Array.from({ length: 4 }, creator)];
  return {
    ...load,
    async stop() {
      runs = false;
      await Promise.all(everybody);
    },
  };
}

/** Of the creates: how many were confirmed and are not there, and how many are there more than once. */
async function countRows(databaseUrl: string, posts: ReadonlyMap<string, number>) {
  await using sql = connect(databaseUrl);
  const rows = await sql<{ longUrl: string }[]>`select long_url as "longUrl" from short_urls`;
  const stored = Map.groupBy(rows, (row) => row.longUrl);
  const confirmed = [...posts].filter(([, status]) => status === 201).map(([longUrl]) => longUrl);
  return {
    lost: confirmed.filter((longUrl) => !stored.has(longUrl)).length,
    doubled: [...stored.values()].filter((same) => same.length > 1).length,
  };
}
