import { expect, test } from 'bun:test';
import { createTestDatabase } from '../support/database.ts';
import { Hops } from '../support/hop-process.ts';
import { connect } from '../support/sql.ts';
import { until } from './fixtures/programs.ts';

const KEY = 'a-key-for-this-test';

test('creates sent again after kill -9 happen once each', async () => {
  const database = await createTestDatabase();
  {
    await using hops = new Hops();
    await using sql = connect(database.url);
    const start = async () => {
      const hop = hops.start(['serve'], {
        DATABASE_URL: database.url,
        HOST: '127.0.0.1',
        PORT: '0',
        DEFAULT_DOMAIN: 's.example',
        INITIAL_API_KEY: KEY,
        DATA_DIR: hops.newDataDir(),
      });
      const url = await hop.url();
      await until(async () => (await fetch(`${url}/unknown`)).status === 404);
      return { hop, url };
    };
    const create = async (url: string, i: number) => {
      const answer = await fetch(`${url}/rest/v3/short-urls`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': KEY, 'idempotency-key': `kill-${i}` },
        body: JSON.stringify({ longUrl: `https://example.com/${i}`, tags: ['kill'] }),
      });
      return { status: answer.status, body: await answer.text() };
    };
    const count = 600;
    const before = new Map<number, string>();
    const killed = await start();
    const sending = Array.from({ length: count }, async (_, i) => {
      const answer = await create(killed.url, i).catch(() => undefined);
      if (answer?.status === 200) before.set(i, answer.body);
    });
    await until(async () => before.size > 0);
    killed.hop.process.kill('SIGKILL');
    await Promise.all(sending);

    const { url } = await start();
    const answers = await Promise.all(Array.from({ length: count }, (_, i) => create(url, i)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    for (const [i, body] of before) expect(answers[i]?.body).toBe(body);
    const [row] = await sql<{ rows: number; urls: number }[]>`
      select count(*)::int as rows, count(distinct long_url)::int as urls from short_urls`;
    expect(row).toEqual({ rows: count, urls: count });
  }
  await database.drop();
});
