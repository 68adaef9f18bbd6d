import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { EVERYTHING } from '../../src/short-urls/visibility.ts';
import { until } from '../process/fixtures/programs.ts';
import { startApp, type TestApp } from '../support/app.ts';

/** Two web instances on one database, as two processes would be. */
let app: TestApp;
let other: TestApp;
let domainId: number;
beforeAll(async () => {
  app = await startApp();
  other = await startApp({}, { database: app.database });
  domainId = await app.addDomain('links.example');
  await until(() => other.services.domains.has('links.example'));
});
afterAll(async () => {
  await other.stop();
  await app.stop();
});

/** Where the path leads under this Host; else the status. */
async function lead(path: string, host: string, by = app): Promise<string | number> {
  const answer = await by.request(path, { headers: { host } });
  return answer.headers.get('location') ?? answer.status;
}

describe('a domain answers', () => {
  test('its own short URLs, which are nobody else’s', async () => {
    const path = await app.create({ domainId, longUrl: 'https://example.com/own' });
    expect(await lead(path, 'links.example')).toBe('https://example.com/own');
    expect(await lead(path, 'localhost')).toBe(404);
    expect(await lead(path, 'unknown.example')).toBe(404);
  });

  test('short URLs of the default domain as well', async () => {
    const path = await app.create({ longUrl: 'https://example.com/default' });
    for (const host of ['links.example', 'localhost', 'unknown.example']) {
      expect(await lead(path, host)).toBe('https://example.com/default');
    }
  });

  test('its own one where both have the code', async () => {
    const path = await app.create({ customSlug: 'both', longUrl: 'https://example.com/default' });
    expect(await lead(path, 'links.example')).toBe('https://example.com/default');
    await app.create({ customSlug: 'both', domainId, longUrl: 'https://example.com/own' });
    expect(await lead(path, 'links.example')).toBe('https://example.com/own');
    expect(await lead(path, 'localhost')).toBe('https://example.com/default');
  });

  test('the default domain’s again when its own is deleted, and nothing when that is gone too', async () => {
    const path = await app.create({ customSlug: 'twice', longUrl: 'https://example.com/default' });
    await app.create({ customSlug: 'twice', domainId, longUrl: 'https://example.com/own' });
    expect(await lead(path, 'links.example')).toBe('https://example.com/own');
    await app.services.shortUrls.delete({ domainId, shortCode: 'twice' }, EVERYTHING);
    expect(await lead(path, 'links.example')).toBe('https://example.com/default');
    await app.services.shortUrls.delete({ domainId: 0, shortCode: 'twice' }, EVERYTHING);
    expect(await lead(path, 'links.example')).toBe(404);
  });

  test.each(['LINKS.example', 'Links.Example:80', 'links.example:80'])('under Host: %s too', async (host) => {
    const path = await app.create({ domainId, longUrl: 'https://example.com/case' });
    expect(await lead(path, host)).toBe('https://example.com/case');
  });

  test('under its own port only', async () => {
    const path = await app.create({ domainId });
    expect(await lead(path, 'links.example:8080')).toBe(404);
  });
});

describe('another instance', () => {
  test('knows a domain added at run time within 2 s', async () => {
    const added = await app.addDomain('added.example');
    const path = await app.create({ domainId: added, longUrl: 'https://example.com/added' });
    await until(async () => (await lead(path, 'added.example', other)) === 'https://example.com/added', 2_000);
  });

  test('knows within 2 s that a short URL hides the default domain’s', async () => {
    const path = await app.create({ customSlug: 'hidden', longUrl: 'https://example.com/default' });
    expect(await lead(path, 'links.example', other)).toBe('https://example.com/default');
    await app.create({ customSlug: 'hidden', domainId, longUrl: 'https://example.com/own' });
    await until(async () => (await lead(path, 'links.example', other)) === 'https://example.com/own', 2_000);
  });

  test('knows within 2 s that the default domain’s was edited, under every domain', async () => {
    const path = await app.create({ customSlug: 'everywhere' });
    for (const host of ['links.example', 'localhost']) await lead(path, host, other);
    await app.services.shortUrls.edit(
      { domainId: 0, shortCode: 'everywhere' },
      { longUrl: 'https://example.com/new' },
      EVERYTHING,
    );
    for (const host of ['links.example', 'localhost']) {
      await until(async () => (await lead(path, host, other)) === 'https://example.com/new', 2_000);
    }
  });
});
