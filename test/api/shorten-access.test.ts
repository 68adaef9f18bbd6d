import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { hashApiKey } from '../../src/api-keys/service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { exchange, lines } from '../support/http.ts';
import { expectRefusal } from '../support/http-refusal.ts';

const KEY = 'initial-key-0123456789';
const BODY = { url: 'example.com' };

let open: TestApp;
let closed: TestApp;
beforeAll(async () => {
  [open, closed] = await Promise.all([startApp(), startApp({ ANONYMOUS_CREATE: 'false', INITIAL_API_KEY: KEY })]);
  await addKey('expired-key-0123456789', { expiresInS: -1 });
  await addKey('lasting-key-0123456789', { expiresInS: 60 });
  await addKey('disabled-key-0123456789', { enabled: false });
});
afterAll(() => Promise.all([open.stop(), closed.stop()]));

async function addKey(key: string, { enabled = true, expiresInS = 0 }): Promise<void> {
  const expiresAt = expiresInS === 0 ? null : new Date(Date.now() + 1000 * expiresInS);
  await closed.sql`
    insert into api_keys (key_hash, name, enabled, expires_at)
    values (${hashApiKey(key)}, ${key}, ${enabled}, ${expiresAt})`;
}

describe('where not everybody may create', () => {
  test('a key is asked for', async () => {
    expect(await expectRefusal(await closed.shorten(BODY), 401, 'api_key')).toContain('"X-Api-Key"');
    await expectRefusal(await closed.shorten(BODY, { 'x-api-key': '' }), 401, 'api_key');
  });

  test('the key is asked for before anything else is said', async () => {
    await expectRefusal(await closed.shorten('nonsense'), 401, 'api_key');
  });

  test.each([
    'unknown-key-0123456789',
    'expired-key-0123456789',
    'disabled-key-0123456789',
    'a',
    `${KEY}, ${KEY}`,
    '\u00ff',
  ])('the key %p is not taken, and no reason told', async (key) => {
    const answer = await closed.shorten(BODY, { 'x-api-key': key });
    expect(await expectRefusal(answer, 401, 'api_key')).toBe('Provided API key does not exist or is invalid.');
  });

  test.each([KEY, 'lasting-key-0123456789'])('the key %s is taken, and remembered as author', async (key) => {
    const answer = await closed.shorten(BODY, { 'x-api-key': key });
    expect(answer.status).toBe(201);
    const shortCode = answer.headers.get('location')?.split('/').at(-1) ?? '';
    const authors = await closed.sql`
      select k.key_hash from short_urls s join api_keys k on k.api_key_id = s.author_api_key_id
      where s.short_code = ${shortCode}`;
    expect(authors).toMatchObject([{ key_hash: hashApiKey(key) }]);
  });
});

describe('without a key, a web page of somebody else cannot create:', () => {
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost' },
    { origin: 'http://localhost.evil.example' },
    { origin: 'file://' },
    { origin: '' },
    { 'sec-fetch-site': 'cross-site' },
  ];
  test.each(foreign)('%j', async (headers) => {
    await expectRefusal(await open.shorten(BODY, headers), 403, 'request');
    expect((await closed.shorten(BODY, { ...headers, 'x-api-key': KEY })).status).toBe(201);
  });

  test('but one of our own can', async () => {
    for (const origin of [open.url, `http://localhost:${open.port}`, `HTTP://LOCALHOST:${open.port}`]) {
      const headers = { origin, 'sec-fetch-site': 'same-origin' };
      expect((await open.shorten(BODY, headers)).status).toBe(201);
    }
    expect((await open.shorten(BODY, { 'sec-fetch-site': 'none' })).status).toBe(201);
  });
});

describe('on loopback, without a key,', () => {
  /** Status of a create under these header lines; fetch would mend some of them. */
  async function create(...headers: string[]): Promise<number | undefined> {
    const content = JSON.stringify(BODY);
    const head = lines([...headers, `Content-Length: ${content.length}`]);
    const [answer] = await exchange(open.port, `POST / HTTP/1.1\r\n${head}${content}`);
    if (answer?.status === 403) expect(JSON.parse(answer.body)).toMatchObject({ status: 'error' });
    return answer?.status;
  }

  test.each(['localhost', 'localhost:3000', 'LOCALHOST', '127.0.0.1', '127.0.0.1:1', '[::1]', '[::1]:3000'])(
    'Host: %s is this machine',
    async (host) => {
      expect(await create(`Host: ${host}`)).toBe(201);
    },
  );

  test.each([
    'evil.example',
    'evil.example:3000',
    'localhost.evil.example',
    'evil.localhost.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    'localhost, evil.example',
    'localhost:x',
    '[::2]',
    'localhost/x',
    '0.0.0.0',
    '',
  ])('Host: %s may be a name that was rebound, so it is refused', async (host) => {
    expect(await create(`Host: ${host}`)).toBe(403);
  });

  test('a second Host is refused, whichever is the foreign one', async () => {
    expect(await create('Host: localhost', 'Host: evil.example')).toBe(403);
    expect(await create('Host: evil.example', 'Host: localhost')).toBe(403);
  });

  test('the page of a rebound name is refused though it looks like its own origin', async () => {
    const headers = ['Host: evil.example', 'Origin: http://evil.example', 'Sec-Fetch-Site: same-origin'];
    expect(await create(...headers)).toBe(403);
  });
});

test('a reverse proxy on this machine may hand on the name of the default domain', async () => {
  await using app = await startApp({ DEFAULT_DOMAIN: 's.example' });
  const answer = await app.shorten(BODY, { host: 's.example' });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('location')).toStartWith('http://s.example/');
  await expectRefusal(await app.shorten(BODY, { host: 'other.example' }), 403, 'request');
});

test.if(await hasIpv6())('a listener on [::1] is loopback as well', async () => {
  await using app = await startApp({ HOST: '::1' });
  const send = (host: string) =>
    fetch(`http://[::1]:${app.port}/`, { method: 'POST', body: JSON.stringify(BODY), headers: { host } });
  expect((await send('[::1]')).status).toBe(201);
  await expectRefusal(await send('evil.example'), 403, 'request');
});

async function hasIpv6(): Promise<boolean> {
  try {
    await Bun.serve({ hostname: '::1', port: 0, fetch: () => new Response() }).stop(true);
    return true;
  } catch {
    return false;
  }
}
