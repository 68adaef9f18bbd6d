import { expect, test } from 'bun:test';
import { until } from '../process/fixtures/programs.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { Hops } from '../support/hop-process.ts';
import { hasPgBouncer, NO_PGBOUNCER, startPgBouncer } from '../support/pgbouncer.ts';
import { restClient } from '../support/rest.ts';
import { connect } from '../support/sql.ts';
import { childrenOf, freePort, kill } from '../support/supervised.ts';

if (!hasPgBouncer) console.warn(NO_PGBOUNCER);

const KEY = '7d1f0a63-52f4-4b55-9a3b-1a5b0c6d9e42';
/** Fewer than hop opens to it, so that statements of one connection meet others'. */
const CONNECTIONS = 3;
const LINKS = 60;

test.skipIf(!hasPgBouncer)(
  'behind PgBouncer in transaction mode all works, and each visit is stored once',
  async () => {
    await using stack = new AsyncDisposableStack();
    const database = await createEmptyDatabase();
    stack.defer(() => database.drop());
    const bouncer = stack.use(await startPgBouncer(database.url, CONNECTIONS));
    await using hops = new Hops();
    const hop = hops.start(['serve'], {
      DATABASE_URL: bouncer.url,
      DATABASE_PREPARE: 'false',
      DATABASE_SERVER_TIMEOUTS: 'false',
      DATA_DIR: hops.newDataDir(),
      DEFAULT_DOMAIN: 's.example',
      HOST: '127.0.0.1',
      PORT: String(await freePort()),
      WEB_CONCURRENCY: '2',
      INITIAL_API_KEY: KEY,
    });
    const url = await hop.url();
    const rest = restClient({ request: (path, init) => fetch(url + path, init) }, KEY);
    let visits = 0;
    // A connection each time, so that both processes are met.
    const follow = async (slug: string) => {
      const answer = await fetch(`${url}/${slug}`, { redirect: 'manual', keepalive: false });
      visits += Number(answer.status === 302);
      return answer.headers.get('location') ?? answer.status;
    };
    const slugs = Array.from({ length: LINKS }, (_, i) => `link${i}`);
    const longUrlOf = (slug: string) => `https://example.com/${slug}`;
    const followAll = async () => expect(await Promise.all(slugs.map(follow))).toEqual(slugs.map(longUrlOf));
    await until(async () => (await rest('GET', '/short-urls')).status === 200);

    const created = await Promise.all(
      slugs.map((customSlug) =>
        rest('POST', '/short-urls', { customSlug, longUrl: longUrlOf(customSlug), tags: ['a'] }),
      ),
    );
    expect(created.map(({ status }) => status)).toEqual(slugs.map(() => 200));
    for (let round = 0; round < 4; round++) await followAll();

    expect((await rest('PATCH', '/short-urls/link0', { longUrl: 'https://example.com/new' })).status).toBe(200);
    await until(async () => {
      const leads = await Promise.all(Array.from({ length: 10 }, () => follow('link0')));
      return leads.every((longUrl) => longUrl === 'https://example.com/new');
    });

    kill(childrenOf(hop.process.pid, 'recorder'));
    for (const slug of slugs.slice(1)) expect(await follow(slug)).toBe(longUrlOf(slug));
    const { body } = await rest('GET', '/short-urls?tags[]=a&itemsPerPage=5');
    expect(body).toMatchObject({ shortUrls: { pagination: { totalItems: LINKS, itemsInCurrentPage: 5 } } });

    hop.process.kill('SIGTERM');
    const { code, stderr } = await hop.ended();
    const errors = stderr.split('\n').filter((line) => line.includes('"level":"error"'));
    expect([code, ...errors]).toEqual([0, expect.stringContaining('a process has ended; starting it again')]);
    const sql = stack.use(connect(database.url));
    const [row] = await sql<{ visits: number }[]>`select count(*)::int as visits from visits`;
    expect(row?.visits).toBe(visits);
  },
);

test.skipIf(!hasPgBouncer)('where PgBouncer refuses what hop sets, the log says what to set instead', async () => {
  await using stack = new AsyncDisposableStack();
  const database = await createEmptyDatabase();
  stack.defer(() => database.drop());
  const bouncer = stack.use(await startPgBouncer(database.url, CONNECTIONS));
  await using hops = new Hops();
  const variables = { DATABASE_URL: bouncer.url, DATA_DIR: hops.newDataDir(), DEFAULT_DOMAIN: 's.example', PORT: '0' };
  const hop = hops.start(['web'], variables);
  await until(() => hop.stderr.includes('database is unavailable'));
  expect(hop.stderr).toContain('set DATABASE_SERVER_TIMEOUTS=false');
});
