import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { rawGet } from '../support/http.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

/** Where the short URL of `longUrl` leads with this query, sent as these bytes. */
async function lead(longUrl: string, query: string, forwardQuery = true): Promise<string | undefined> {
  const path = await app.create({ longUrl, forwardQuery });
  const [miss, hit] = [await rawGet(app.port, path + query), await rawGet(app.port, path + query)];
  expect(hit?.headers.location).toBe(miss?.headers.location);
  return hit?.headers.location;
}

describe('the visitor’s query is forwarded', () => {
  test.each([
    ['to a target without one', 'https://example.com/', '?a=b', 'https://example.com/?a=b'],
    ['without putting in a slash', 'https://example.com', '?foo%20bar=123', 'https://example.com?foo%20bar=123'],
    ['behind the target’s own', 'https://example.com/?x=1', '?a=b&c', 'https://example.com/?x=1&a=b&c'],
    ['over the same key of the target', 'https://example.com/?a=1&b=2', '?a=3', 'https://example.com/?a=3&b=2'],
    ['before the fragment', 'https://example.com/#top', '?a=b', 'https://example.com/?a=b#top'],
    ['with blanks as %20', 'https://example.com/', '?a=b+c', 'https://example.com/?a=b%20c'],
    ['with raw bytes encoded', 'https://example.com/', '?a=\xc3\xa9', 'https://example.com/?a=%C3%A9'],
    ['with line breaks left encoded', 'https://example.com/', '?a=%0d%0aX:1', 'https://example.com/?a=%0d%0aX:1'],
    ['not at all when it is empty', 'https://example.com/', '?', 'https://example.com/'],
    ['whatever slash or question mark it has', 'https://example.com/', '?a=/b?c', 'https://example.com/?a=/b?c'],
  ])('%s', async (_, longUrl, query, location) => {
    expect(await lead(longUrl, query)).toBe(location);
  });

  test('unless the short URL says no', async () => {
    expect(await lead('https://example.com/?x=1', '?a=b', false)).toBe('https://example.com/?x=1');
  });

  test('for HEAD, for other domains and under a limit as well', async () => {
    const domainId = await app.addDomain('links.example');
    const fields = { domainId, longUrl: 'https://example.com/', maxVisits: 1 };
    const path = await app.create({ longUrl: 'https://example.com/' });
    const head = await app.request(`${path}?a=b`, { method: 'HEAD' });
    expect(head.headers.get('location')).toBe('https://example.com/?a=b');
    const limited = await app.request(`${await app.create(fields)}?a=b`, { headers: { host: 'links.example' } });
    expect(limited.headers.get('location')).toBe('https://example.com/?a=b');
  });

  test('as one line of printable ASCII, whatever bytes it has', async () => {
    const path = await app.create({ longUrl: 'https://example.com/?a=1#f' });
    for (let byte = 0x21; byte <= 0xff; byte++) {
      const answer = await rawGet(app.port, `${path}?a=${String.fromCharCode(byte)}&%${byte.toString(16)}&%&=&&b`);
      expect(answer?.status).toBe(302);
      expect(answer?.headers.location).toMatch(/^https:\/\/example\.com\/\?[\x21-\x7e]*#f$/);
    }
  });

  test('up to the length of a head', async () => {
    const query = `?${'a=b&'.repeat(3_500)}c`;
    expect(await lead('https://example.com/', query)).toBe(`https://example.com/${query}`);
  });
});
