import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createLogger } from '../../src/observability/log.ts';
import { foldCodes, reportUnfolded, warnOfUnfolded } from '../../src/short-urls/fold.ts';
import { until } from '../process/fixtures/programs.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { createKey, type RestClient, restClient } from '../support/rest.ts';

// An installation that was strict, and has codes from that time, when it becomes loose.

let strict: TestApp;
let loose: TestApp;
let rest: RestClient;
let domainId: number;

const PLAIN = 'https://example.com/target';
const to = (what: string) => `https://example.com/${what}`;

beforeAll(async () => {
  strict = await startApp();
  domainId = await strict.addDomain('other.test');
  loose = await startApp(
    { SHORT_URL_MODE: 'loose', MULTI_SEGMENT_SLUGS_ENABLED: 'true' },
    { database: strict.database },
  );
  rest = restClient(loose, await createKey(loose));
  await strict.create({ customSlug: 'Before', longUrl: to('Before') });
  for (const customSlug of ['Sale', 'sale']) await strict.create({ customSlug, longUrl: to(customSlug) });
  for (const customSlug of ['A1', 'a1']) await strict.create({ customSlug, longUrl: to(customSlug), domainId });
});
afterAll(() => loose.stop().then(() => strict.stop()));

async function lead(path: string, host = 'localhost'): Promise<string | number | null> {
  const { status, headers } = await loose.request(path, { headers: { host } });
  return status === 302 ? headers.get('location') : status;
}

describe('in loose mode', () => {
  test('a slug is stored in lower case, and found in any', async () => {
    const { body } = await rest('POST', '/short-urls', { customSlug: 'New-One', longUrl: PLAIN });
    expect(body.shortCode).toBe('new-one');
    for (const path of ['/new-one', '/NEW-ONE', '/New-one', '/%4EEW-one', '/NEW-ONE?a', '/NEW-ONE']) {
      expect(await lead(path)).toStartWith(PLAIN);
    }
    for (const code of ['new-one', 'NEW-ONE']) {
      expect((await rest('GET', `/short-urls/${code}`)).body).toEqual(body);
      expect((await rest('PATCH', `/short-urls/${code}`, { title: null })).status).toBe(200);
      expect((await rest('GET', `/short-urls/${code}/redirect-rules`)).status).toBe(200);
      expect((await rest('GET', `/short-urls/${code}/visits?page=1`)).status).toBe(200);
    }
    expect(loose.visits().at(-1)).toMatchObject({ shortCode: 'new-one' });
  });

  test('a slug is taken whatever its case', async () => {
    await rest('POST', '/short-urls', { customSlug: 'taken', longUrl: PLAIN });
    expect(await rest('POST', '/short-urls', { customSlug: 'TAKEN', longUrl: PLAIN })).toMatchObject({
      status: 400,
      body: { type: 'https://shlink.io/api/error/non-unique-slug', customSlug: 'taken' },
    });
    const found = { customSlug: 'Taken', longUrl: PLAIN, findIfExists: true };
    expect((await rest('POST', '/short-urls', found)).body).toMatchObject({ shortCode: 'taken' });
  });

  test('codes are generated and prefixes kept in lower case', async () => {
    for (let i = 0; i < 20; i++) {
      const { body } = await rest('POST', '/short-urls', { longUrl: PLAIN, pathPrefix: 'Go/', shortCodeLength: 8 });
      expect(body.shortCode).toMatch(/^go\/[a-z\d]{8}$/);
    }
    expect((await loose.shorten({ url: PLAIN })).headers.get('location')).toMatch(/\/[a-z\d]{7}$/);
  });

  test('an edit acts on all spellings at once', async () => {
    const path = await loose.create({ customSlug: 'edited' });
    expect(await lead('/EDITED')).toBe(PLAIN);
    await rest('PATCH', '/short-urls/Edited', { longUrl: to('new') });
    expect(await lead(path)).toBe(to('new'));
    expect(await lead('/EDITED')).toBe(to('new'));
    await rest('DELETE', '/short-urls/EDITED');
    expect(await lead('/Edited')).toBe(404);
  });

  test('another spelling is answered from memory', async () => {
    await loose.create({ customSlug: 'cached' });
    await lead('/cached');
    await loose.sql`alter table short_urls rename to hidden`;
    try {
      for (const path of ['/CACHED', '/Cached', '/c%41ched']) expect(await lead(path)).toBe(PLAIN);
    } finally {
      await loose.sql`alter table hidden rename to short_urls`;
    }
  });

  test('the pixel and slugs of several segments are found in any case', async () => {
    await rest('POST', '/short-urls', { customSlug: 'Guide/Intro', longUrl: PLAIN });
    expect(await lead('/GUIDE/intro')).toBe(PLAIN);
    await loose.request('/Guide/INTRO/track');
    expect(loose.visits().at(-1)).toMatchObject({ kind: 'short_url', shortCode: 'guide/intro', redirectUrl: '' });
    expect((await rest('GET', '/short-urls/GUIDE/intro/visits')).status).toBe(200);
  });

  test('letters beyond A to Z are what they are', async () => {
    await rest('POST', '/short-urls', { customSlug: 'É', longUrl: PLAIN });
    expect(await lead('/%C3%89')).toBe(PLAIN);
    expect(await lead('/%C3%A9')).toBe(404);
  });

  test('names of the API stay reserved', async () => {
    expect((await rest('POST', '/short-urls', { customSlug: 'Rest', longUrl: PLAIN })).status).toBe(400);
    expect(await lead('/REST/x')).toBe(404);
  });
});

describe('codes from before', () => {
  test('are found as they are written, by visitors and the API', async () => {
    for (const _ of ['miss', 'hit']) expect(await lead('/Before')).toBe(to('Before'));
    expect(await lead('/before')).toBe(404);
    await loose.request('/Before/track');
    expect(loose.visits().at(-1)).toMatchObject({ shortCode: 'Before', redirectUrl: '' });
    expect((await rest('GET', '/short-urls/Before')).body).toMatchObject({ shortCode: 'Before' });
    expect((await rest('GET', '/short-urls/before')).status).toBe(404);
  });

  test('that clash are led by the one in lower case, and can still be named in the API', async () => {
    for (const path of ['/sale', '/SALE', '/Sale']) expect(await lead(path)).toBe(to('sale'));
    expect((await rest('GET', '/short-urls/Sale')).body).toMatchObject({ longUrl: to('Sale') });
    expect((await rest('GET', '/short-urls/SALE')).body).toMatchObject({ longUrl: to('sale') });
  });

  test('are told of at the start', async () => {
    const lines: string[] = [];
    await warnOfUnfolded(
      loose.services.database,
      createLogger('warn', (line) => lines.push(line)),
    );
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ codes: 3, clashes: ['Sale, sale', 'other.test: A1, a1'] });
  });

  test('are folded with all that they have, but for those that clash', async () => {
    await rest('PATCH', '/short-urls/Before', { tags: ['kept'], maxVisits: 100 });
    const conditions = [{ type: 'language', matchKey: null, matchValue: 'de' }];
    await rest('POST', '/short-urls/Before/redirect-rules', { redirectRules: [{ longUrl: to('de'), conditions }] });
    await loose.sql`
      with s as (select * from short_urls where short_code = 'Before'), totals as (
        insert into short_url_visit_totals (domain_id, short_code, short_url_id, non_bots)
        select domain_id, short_code, short_url_id, 3 from s
      )
      insert into visits (domain_id, short_code, short_url_id, visited_at, is_bot)
      select domain_id, short_code, short_url_id, now(), false from s`;
    const before = (await rest('GET', '/short-urls/Before')).body;

    const { clashes } = await reportUnfolded(loose.services.database);
    expect(await foldCodes(loose.services.database, clashes)).toBe(1);
    expect(await reportUnfolded(loose.services.database)).toEqual({ unfolded: 2, clashes });

    const after = (await rest('GET', '/short-urls/BEFORE')).body;
    expect(after).toEqual({ ...before, shortCode: 'before', shortUrl: before.shortUrl.replace('Before', 'before') });
    expect(after).toMatchObject({ visitsSummary: { total: 3 }, tags: ['kept'], meta: { maxVisits: 100 } });
    expect((await rest('GET', '/short-urls/before/redirect-rules')).body.redirectRules).toHaveLength(1);
    expect([...(await loose.sql`select short_code from visits`)]).toEqual([{ short_code: 'before' }]);
    await until(async () => (await lead('/BEFORE')) === to('Before'));
    for (const path of ['/sale', '/Sale']) expect(await lead(path)).toBe(to('sale'));
    expect(await lead('/A1', 'other.test')).toBe(to('a1'));
  });

  test('that clash are out of the way when all but one are deleted', async () => {
    expect((await rest('DELETE', '/short-urls/sale')).status).toBe(204);
    expect((await rest('DELETE', '/short-urls/A1?domain=other.test')).status).toBe(204);
    const { unfolded, clashes } = await reportUnfolded(loose.services.database);
    expect({ unfolded, clashes }).toEqual({ unfolded: 1, clashes: [] });
    await foldCodes(loose.services.database, clashes);
    expect(await lead('/SALE')).toBe(to('Sale'));
  });
});
