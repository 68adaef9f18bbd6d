import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import postgres from 'postgres';
import { connectionOptions } from '../../src/db/connection.ts';
import type { Services } from '../../src/services.ts';
import type { NewShortUrl } from '../../src/short-urls/short-url.ts';
import { insertShortUrls } from '../../src/short-urls/store.ts';
import { EVERYTHING } from '../../src/short-urls/visibility.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestServices } from '../support/services.ts';

let database: TestDatabase;
let services: Services;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  services = await createTestServices(database.url);
  sql = postgres({ ...connectionOptions(database.url), types: {}, max: 2 });
});
afterAll(async () => {
  await services.close();
  await sql.end();
  await database.drop();
});

const longUrl = 'https://example.com/';
const newItem = (shortCode: string, fields: Partial<NewShortUrl> = {}): NewShortUrl => ({
  domainId: 0,
  shortCode,
  longUrl,
  createId: crypto.randomUUID(),
  ...fields,
});

describe('creating', () => {
  test('of one slug by 200 at once: one winner, 199 clear conflicts', async () => {
    const creates = Array.from({ length: 200 }, (_, i) =>
      services.shortUrls.create({ domainId: 0, longUrl: `https://example.com/${i}`, customSlug: 'race' }),
    );
    const results = await Promise.allSettled(creates);
    const conflicts = results.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(conflicts).toHaveLength(199);
    for (const { reason } of conflicts) {
      expect(reason).toMatchObject({
        code: 'non-unique-slug',
        message: 'Provided slug "race" is already in use.',
        extra: { customSlug: 'race' },
      });
    }
    expect(await sql`select from short_urls where short_code = 'race'`).toHaveLength(1);
  });

  test('a thousand at once gives a thousand codes of the configured length', async () => {
    const created = await Promise.all(
      Array.from({ length: 1_000 }, () => services.shortUrls.create({ domainId: 0, longUrl })),
    );
    const codes = new Set(created.map(({ shortCode }) => shortCode));
    expect(codes.size).toBe(1_000);
    expect([...codes].every((code) => /^[a-zA-Z0-9]{7}$/.test(code))).toBe(true);
    const rows = await sql`select from short_urls where short_code = any(${[...codes]}::text[])`;
    expect(rows).toHaveLength(1_000);
  });

  test('one unstorable item of a batch fails alone', async () => {
    const creates = Array.from({ length: 20 }, (_, i) =>
      services.shortUrls.create({ domainId: 0, longUrl, customSlug: `batch-${i}`, maxVisits: i === 13 ? 0 : 5 }),
    );
    const results = await Promise.allSettled(creates);
    expect(results.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([13]);
    expect(results[13]).toMatchObject({ reason: { code: 'invalid-data' } });
    expect(await sql`select from short_urls where short_code like 'batch-%'`).toHaveLength(19);
  });

  test('a batch sent again after a lost answer finds its own rows, and those of others taken', async () => {
    await insertShortUrls(services.database, [newItem('taken')]);
    const batch = [newItem('mine-1'), newItem('taken'), newItem('mine-2', { maxVisits: 3 })];
    const first = await insertShortUrls(services.database, batch);
    const again = await insertShortUrls(services.database, batch);
    const ids = (rows: typeof first) => rows.map(({ createId, shortUrlId }) => `${createId} ${shortUrlId}`).sort();
    expect(first).toHaveLength(2);
    expect(ids(again)).toEqual(ids(first));
    expect(await sql`select from short_urls where short_code like 'mine-%'`).toHaveLength(2);
  });

  test('batches with the same keys in opposite orders do not deadlock', async () => {
    const keys = Array.from({ length: 200 }, (_, i) => `dead-${i}`);
    const batches = Array.from({ length: 8 }, (_, i) => (i % 2 ? keys : keys.toReversed()).map((key) => newItem(key)));
    const rows = await Promise.all(batches.map((batch) => insertShortUrls(services.database, batch)));
    expect(rows.flat()).toHaveLength(200);
  });

  test('of a reserved or impossible slug is refused, whatever its case', async () => {
    for (const customSlug of ['rest', 'REST', 'Favicon.ico', 'a?b', '', '..', 'x'.repeat(256)]) {
      const create = services.shortUrls.create({ domainId: 0, longUrl, customSlug });
      expect(create).rejects.toMatchObject({ code: 'invalid-data', extra: { invalidElements: ['customSlug'] } });
    }
  });

  test('a process keeps the alphabet of the installation, whoever made it', async () => {
    const [row] = await sql<{ value: string }[]>`select value from installation where name = 'alphabet'`;
    const other = await createTestServices(database.url);
    await other.shortUrls.create({ domainId: 0, longUrl });
    await other.close();
    expect(await sql`select value from installation where name = 'alphabet'`).toMatchObject([{ value: row?.value }]);
  });
});

describe('codes that clash', () => {
  test('are drawn again, and made longer at the third clash of one create', async () => {
    const drawn: number[] = [];
    const clashing = await createTestServices(database.url, {
      generateCode: async (length) => {
        drawn.push(length);
        return length === 4 ? 'aaaa' : `b${'x'.repeat(length - 1)}`;
      },
    });
    await insertShortUrls(clashing.database, [newItem('aaaa')]);
    const created = await clashing.shortUrls.create({ domainId: 0, longUrl, codeLength: 4 });
    await clashing.close();
    expect(drawn).toEqual([4, 4, 4, 5]);
    expect(created.shortCode).toBe('bxxxx');
  });
});

describe('editing and deleting', () => {
  test('an edit changes what it names, resets what it nulls, and logs one change', async () => {
    const validSince = new Date('2030-01-01T00:00:00Z');
    const fields = { domainId: 0, longUrl, customSlug: 'edit-me', title: 'Old', validSince, maxVisits: 3 };
    const { shortUrlId } = await services.shortUrls.create(fields);
    const key = { domainId: 0, shortCode: 'edit-me' };
    const edited = await services.shortUrls.edit(
      key,
      {
        longUrl: 'https://new.example/',
        title: null,
        maxVisits: null,
      },
      EVERYTHING,
    );
    expect(edited).toMatchObject({
      shortUrlId,
      longUrl: 'https://new.example/',
      title: null,
      maxVisits: null,
      validSince,
    });
    expect(await services.shortUrls.find(key, EVERYTHING)).toEqual(edited);
    expect(await sql`select from short_url_changes where short_code = 'edit-me'`).toHaveLength(1);
    expect(await sql`select from short_url_limits where short_code = 'edit-me'`).toHaveLength(0);
  });

  test('a limit that is set starts from the visits recorded so far, bots too, and one that is changed goes on', async () => {
    const created = await services.shortUrls.create({ domainId: 0, longUrl, customSlug: 'limit-later' });
    const { shortUrlId } = created;
    await sql`
      insert into short_url_visit_totals (domain_id, short_code, short_url_id, non_bots, bots)
      values (0, 'limit-later', ${shortUrlId}, 5, 2), (0, 'limit-later', ${shortUrlId + 1_000_000}, 90, 0)`;
    const served = () => sql`select redirects::int from short_url_limits where short_code = 'limit-later'`;
    await services.shortUrls.edit(created, { title: 'still without a limit' }, EVERYTHING);
    expect(await served()).toHaveLength(0);
    await services.shortUrls.edit(created, { maxVisits: 10 }, EVERYTHING);
    expect(await served()).toMatchObject([{ redirects: 7 }]);
    await sql`update short_url_limits set redirects = 8 where short_code = 'limit-later'`;
    await services.shortUrls.edit(created, { maxVisits: 20 }, EVERYTHING);
    expect(await served()).toMatchObject([{ redirects: 8 }]);
  });

  test('deleting leaves the visits in place, off the slug of whoever has it next', async () => {
    const fields = { domainId: 0, longUrl, customSlug: 'visited' };
    const first = await services.shortUrls.create(fields);
    await sql`
      insert into short_url_visit_totals (domain_id, short_code, short_url_id, non_bots)
      values (0, 'visited', ${first.shortUrlId}, 3)`;
    await sql`
      insert into visits (domain_id, short_code, short_url_id, visited_at, is_bot)
      values (0, 'visited', ${first.shortUrlId}, now(), false)`;
    await services.shortUrls.delete(first, EVERYTHING);
    const second = await services.shortUrls.create(fields);
    expect(await services.shortUrls.find(second, EVERYTHING)).toMatchObject({ visits: { nonBots: 0, bots: 0 } });
    expect(await sql`select from visits where short_url_id = ${first.shortUrlId}`).toHaveLength(1);
    expect(await sql`select from short_url_visit_totals where short_url_id = ${first.shortUrlId}`).toHaveLength(1);
  });

  test('an empty edit changes nothing', async () => {
    const created = await services.shortUrls.create({ domainId: 0, longUrl, customSlug: 'edit-nothing' });
    expect(await services.shortUrls.edit(created, {}, EVERYTHING)).toEqual(created);
  });

  test('of what does not exist does nothing, and makes no tags', async () => {
    const key = { domainId: 0, shortCode: 'nobody' };
    expect(await services.shortUrls.edit(key, { title: 'x', tags: ['of-nobody'] }, EVERYTHING)).toBeUndefined();
    expect(await services.shortUrls.delete(key, EVERYTHING)).toBe(false);
    expect(await sql`select from tags where name = 'of-nobody'`).toHaveLength(0);
  });

  test('deleting keeps the short URL aside, frees its slug and starts its limit anew', async () => {
    const fields = { domainId: 0, longUrl, customSlug: 'again', maxVisits: 1 };
    const first = await services.shortUrls.create(fields);
    await services.shortUrls.delete(first, EVERYTHING);
    expect(await sql`select from deleted_short_urls where short_url_id = ${first.shortUrlId}`).toHaveLength(1);
    const second = await services.shortUrls.create(fields);
    expect(second.shortUrlId).not.toBe(first.shortUrlId);
    expect(await sql`select redirects, short_url_id as id from short_url_limits where short_code = 'again'`).toEqual([
      { redirects: '0', id: String(second.shortUrlId) },
    ] as never);
  });
});
