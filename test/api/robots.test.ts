import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { robotsText } from '../../src/robots/service.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let domainId: number;

beforeAll(async () => {
  app = await startApp();
  domainId = await app.addDomain('other.test');
  for (const customSlug of ['a', 'b', 'été', '5*$']) await app.create({ customSlug, crawlable: true });
  await app.create({ customSlug: 'hidden' });
  await app.create({ customSlug: 'b', domainId });
  await app.create({ customSlug: 'z', domainId, crawlable: true });
});
afterAll(() => app.stop());

const robots = async (headers: Record<string, string> = {}, from = app) => {
  const answer = await from.request('/robots.txt', { headers });
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  return answer.text();
};

const DEFAULT = 'User-agent: *\nAllow: /5%2A%24\nAllow: /a\nAllow: /b\nAllow: /%C3%A9t%C3%A9\nDisallow: /\n';

describe('robots.txt', () => {
  test('is read only', async () => {
    const { status, headers } = await app.request('/robots.txt', { method: 'POST' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const head = await app.request('/robots.txt', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('allows crawlable short URLs and nothing else', async () => {
    expect(await robots()).toBe(DEFAULT);
  });

  test('of another domain is about what is answered there', async () => {
    expect(await robots({ host: 'other.test' })).toBe(
      'User-agent: *\nAllow: /z\nAllow: /5%2A%24\nAllow: /a\nAllow: /%C3%A9t%C3%A9\nDisallow: /\n',
    );
  });

  test('allows everything but the API where that is configured, for the crawlers named', async () => {
    const settings = { ROBOTS_ALLOW_ALL_SHORT_URLS: 'true', ROBOTS_USER_AGENTS: 'Googlebot,Bingbot' };
    await using other = await startApp(settings, { database: app.database });
    expect(await robots({}, other)).toBe('User-agent: Googlebot\nUser-agent: Bingbot\nDisallow: /rest/\n');
  });

  test('of a new installation allows nothing', async () => {
    await using other = await startApp();
    expect(await robots({}, other)).toBe('User-agent: *\nDisallow: /\n');
  });

  test('is asked for by HEAD too', async () => {
    const { status, headers } = await app.request('/robots.txt', { method: 'HEAD' });
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: 'text/plain; charset=utf-8' });
  });

  test('is read piece by piece, each code once', async () => {
    for (const pageSize of [1, 2, 3, 4, 5]) {
      const options = { database: app.services.database, userAgents: ['*'], allowsAll: false, pageSize };
      const pieces = await Array.fromAsync(robotsText(options, 0));
      expect(pieces.join('')).toBe(DEFAULT);
      expect(pieces).toHaveLength(Math.ceil(4 / pageSize) + 1);
    }
  });
});
