import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { createApp } from '../../src/app.ts';
import type { Services } from '../../src/services.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestServices } from '../support/services.ts';

// Counted at the driver: what reaches PostgreSQL, not what our own code believes to have sent.

let database: TestDatabase;
let services: Services;
let fetch: (request: Request) => Response | Promise<Response>;
let lookups: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const onStatement = (statement: string) => {
    if (statement.includes('join short_urls')) lookups.push(statement);
  };
  services = await createTestServices(database.url, { onStatement });
  ({ fetch } = createApp(services));
  while (!services.domains.isLoaded) await Bun.sleep(1);
});
beforeEach(() => {
  lookups = [];
});
afterAll(async () => {
  await services.close();
  await database.drop();
});

async function create(count: number): Promise<string[]> {
  const fields = { domainId: 0, longUrl: 'https://example.com/' };
  const created = await Promise.all(Array.from({ length: count }, () => services.shortUrls.create(fields)));
  return created.map(({ shortCode }) => shortCode);
}

const get = (code: string) => fetch(new Request(`http://hop.test/${code}`));

test('the misses of a tick are one statement, however many codes they are', async () => {
  const codes = await create(400);
  const unknown = Array.from({ length: 100 }, (_, i) => `unknown${i}`);
  const answers = await Promise.all([...codes, ...unknown].map(get));
  expect(answers.filter(({ status }) => status === 302)).toHaveLength(400);
  expect(answers.filter(({ status }) => status === 404)).toHaveLength(100);
  expect(lookups).toHaveLength(1);
});

test('ten ticks of misses are at most ten statements', async () => {
  const codes = await create(1_000);
  const waves: Promise<Response>[] = [];
  for (let wave = 0; wave < 10; wave++) {
    for (const code of codes.slice(100 * wave, 100 * wave + 100)) waves.push(Promise.resolve(get(code)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await Promise.all(waves)).every(({ status }) => status === 302)).toBe(true);
  expect(lookups.length).toBeWithin(1, 11);
});

test('hits are none', async () => {
  const codes = await create(10);
  await Promise.all(codes.map(get));
  lookups = [];
  for (let i = 0; i < 100; i++) {
    for (const code of codes) expect(get(code)).toBeInstanceOf(Response);
  }
  await Bun.sleep(20);
  expect(lookups).toEqual([]);
});

test('the lookup uses the primary key for each code', async () => {
  const plan = await services.database.run(
    'lookups',
    (sql) => sql`
      explain select s.long_url from unnest(string_to_array('0', ',')::bigint[], string_to_array('a', ',')) a (d, c)
      join short_urls s on s.domain_id = a.d and s.short_code = a.c`,
    { retry: true },
  );
  expect(JSON.stringify(plan)).toContain('Index Scan using short_urls_pkey');
});
