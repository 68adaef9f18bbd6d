import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { exchange, lines, rawGet } from '../support/http.ts';

/** Once without any other domain, when Host is not looked at, and once with one. */
const apps: TestApp[] = [];
beforeAll(async () => {
  apps.push(await startApp(), await startApp());
  await apps[1]?.addDomain('links.example');
  for (const app of apps) {
    await app.create({ customSlug: 'abc', longUrl: 'https://example.com/abc' });
    await app.create({ customSlug: 'x', longUrl: 'https://example.com/wrong' });
  }
});
afterAll(() => Promise.all(apps.map((app) => app.stop())));

const ODD_HOSTS = [
  'evil/x',
  'evil/x?y@z',
  'evil?x',
  'evil#x',
  '/x',
  '/',
  '//x',
  'user@evil',
  'user:password@evil',
  'a\\x',
  'a b',
  'go',
  'a',
  '',
  ':',
  ':80',
  'localhost:',
  'localhost:99999',
  'localhost:x',
  '[::1',
  '[::1]:80',
  '..',
  '.',
  '%',
  '%2f',
  '*',
  '\xff\xfe',
  'h\xc3\xb6st',
  'x'.repeat(2_000),
  'links.example\x0b',
  'links.example, evil',
];

describe.each([0, 1])('whatever Host says, with %d other domains,', (index) => {
  test.each(ODD_HOSTS)('Host: %s', async (host) => {
    const port = apps[index]?.port ?? 0;
    const statusOf = async (target: string) => (await rawGet(port, target, [`Host: ${host}`]))?.status ?? 0;
    const found = await rawGet(port, '/abc?q', [`Host: ${host}`]);
    // Bun refuses some by itself.
    if (found?.status === 400) return;
    expect(found).toMatchObject({ status: 302, headers: { location: 'https://example.com/abc?q' } });
    expect(await statusOf('/unknown')).toBe(404);
    expect(await statusOf('/')).toBe(404);
    expect(await statusOf('/a/b')).toBe(404);
    expect(await statusOf('/rest/../a/b')).toBe(404);
  });

  test('two of them', async () => {
    const port = apps[index]?.port ?? 0;
    const answer = await rawGet(port, '/abc', ['Host: links.example', 'Host: evil/x']);
    expect([302, 400]).toContain(answer?.status ?? 0);
    expect((await rawGet(port, '/a/b', ['Host: links.example', 'Host: evil/x']))?.status).toBeWithin(400, 405);
  });

  test('none, as HTTP/1.0 may', async () => {
    const port = apps[index]?.port ?? 0;
    const [found] = await exchange(port, 'GET /abc HTTP/1.0\r\n\r\n');
    expect(found?.headers.location).toBe('https://example.com/abc');
    expect((await exchange(port, 'GET /a/b HTTP/1.0\r\n\r\n'))[0]?.status).toBe(404);
  });

  test('none, as HTTP/1.1 may not', async () => {
    expect((await rawGet(apps[index]?.port ?? 0, '/abc', []))?.status).toBe(400);
  });
});

test.each(['evil/x?y@z', 'a b', 'go', ''])('a create under Host: %s is refused in the usual shape', async (host) => {
  const content = '{"url":"example.com"}';
  const head = lines([`Host: ${host}`, `Content-Length: ${content.length}`]);
  const [answer] = await exchange(apps[0]?.port ?? 0, `POST / HTTP/1.1\r\n${head}${content}`);
  expect(answer?.status).toBe(403);
  expect(JSON.parse(answer?.body ?? '')).toEqual({ status: 'error', message: { request: expect.any(String) } });
});

test.each(['evil/x', 'a b', 'go', ''])('under Host: %s, a path does not become its own end', async (host) => {
  // Without a Host that is one, a router that skips it would skip a part of the path instead.
  const { port = 0 } = apps[0] ?? {};
  for (const path of ['/longer-than-a-host/', '/longer-than-a-host/abc', '/http://localhost/']) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const [answer] = await exchange(port, `${method} ${path} HTTP/1.1\r\n${lines([`Host: ${host}`])}`);
      expect(answer?.status).toBe(404);
    }
  }
});

test.each(['evil/x?y@z', 'a b', 'go'])('another method under Host: %s is refused as ever', async (host) => {
  const [answer] = await exchange(apps[0]?.port ?? 0, `DELETE / HTTP/1.1\r\n${lines([`Host: ${host}`])}`);
  expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, POST' } });
});
