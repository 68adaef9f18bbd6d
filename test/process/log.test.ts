import { afterAll, expect, test } from 'bun:test';
import { createTestDatabase } from '../support/database.ts';
import { Hops } from '../support/hop-process.ts';
import { connect } from '../support/sql.ts';
import { until } from './fixtures/programs.ts';

const hops = new Hops();
afterAll(() => hops[Symbol.asyncDispose]());

/** Each tells where it was found. */
const SECRETS = {
  password: 'password-of-the-database',
  initial: 'initial-key-of-the-installation',
  header: 'key-of-a-header',
  query: 'key-of-a-query',
};

test('the log holds JSON lines, none of a redirect and no secret, also of errors', async () => {
  const database = await createTestDatabase();
  await using sql = connect(database.url);
  const hop = hops.start(['serve'], {
    DATABASE_URL: withPassword(database.url, SECRETS.password),
    DATA_DIR: hops.newDataDir(),
    DEFAULT_DOMAIN: 'hop.test',
    HOST: '127.0.0.1',
    PORT: '0',
    INITIAL_API_KEY: SECRETS.initial,
    LOG_LEVEL: 'debug',
  });
  const url = await hop.url();
  const ask = (path: string, key?: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { redirect: 'manual', ...init, ...(key && { headers: { 'x-api-key': key } }) });
  await until(async () => (await ask('/rest/health')).status === 200);

  const body = JSON.stringify({ url: 'https://example.com/' });
  const created = await ask('/', SECRETS.initial, { method: 'POST', body });
  const path = new URL(created.headers.get('location') ?? '').pathname;
  await ask(path);
  const before = hop.stderr.length;
  for (let i = 0; i < 30; i++) expect((await ask(path)).status).toBe(302);
  expect(hop.stderr.slice(before)).not.toContain(path);

  // Everything fails that can: the tables are gone, then the database.
  await sql`alter table short_urls rename to gone`;
  await sql`alter table api_keys rename to gone_too`;
  const failed = await Promise.all([
    ask(`/rest/v3/short-urls/shorten?apiKey=${SECRETS.query}&longUrl=https://example.com/`),
    ask('/rest/v3/short-urls', SECRETS.header),
    ask('/', SECRETS.header, { method: 'POST', body }),
  ]);
  expect(failed.map(({ status }) => status)).toEqual([500, 500, 500]);
  const requestId = failed[1]?.headers.get('x-request-id');
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  await Bun.sleep(300);
  hop.process.kill('SIGTERM');
  const { stderr } = await hop.ended();
  await database.drop();

  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const line of lines) {
    expect(line).toMatchObject({ time: expect.any(String), level: expect.any(String), message: expect.any(String) });
  }
  expect(lines).toContainEqual(expect.objectContaining({ message: 'request failed', requestId }));
  for (const [where, secret] of Object.entries(SECRETS)) {
    expect({ where, isLogged: stderr.includes(secret) }).toEqual({ where, isLogged: false });
  }
});

function withPassword(databaseUrl: string, password: string): string {
  const url = databaseUrl.replace(/^(postgres(?:ql)?:\/\/[^:@/]*)(?::[^@/]*)?@/, `$1:${password}@`);
  expect(url).toContain(password);
  return url;
}
