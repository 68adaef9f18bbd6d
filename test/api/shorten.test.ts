import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { MAX_LONG_URL_LENGTH } from '../../src/short-urls/long-url.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectRefusal } from '../support/http-refusal.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

/** Where the short URL of a successful answer leads. */
async function follow(answer: Response): Promise<string | null> {
  expect(answer.status).toBe(201);
  const { shortened_url: shortUrl } = (await answer.json()) as { shortened_url: string };
  return (await app.request(new URL(shortUrl).pathname)).headers.get('location');
}

test('a short URL is created, told in body and Location, and leads where it should', async () => {
  const answer = await app.shorten({ url: 'www.example.com/x' });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('content-type')).toStartWith('application/json');
  const shortUrl = answer.headers.get('location') ?? '';
  expect(shortUrl).toMatch(new RegExp(`^http://localhost:${app.port}/[0-9A-Za-z]{7}$`));
  expect(await answer.clone().json()).toEqual({ shortened_url: shortUrl });
  expect(await follow(answer)).toBe('http://www.example.com/x');
});

describe('the verdicts of the service that hop replaces hold:', () => {
  const good = [
    'www.google.com',
    'http://www.google.com',
    'https://www.google.com',
    'http://google.com',
    'http://www.google',
  ];
  test.each(good)('%s is taken', async (url) => {
    expect(await follow(await app.shorten({ url }))).toBe(url.includes('://') ? url : `http://${url}`);
  });

  const bad = ['.ww.google.com', '*google.com', 'www..google.com', 'www.google..', 'htp://www.google.com', 'blah'];
  test.each(bad)('%s is refused', async (url) => {
    await expectRefusal(await app.shorten({ url }), 400, 'url');
  });
});

describe('the body is read as JSON', () => {
  test.each([
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain;charset=utf-8',
    'multipart/form-data; boundary=x',
    'nonsense',
  ])('when its content type is %s', async (contentType) => {
    const answer = await app.shorten({ url: 'example.com/type' }, { 'content-type': contentType });
    expect(await follow(answer)).toBe('http://example.com/type');
  });

  test('when it has no content type', async () => {
    const body = new TextEncoder().encode('{"url":"example.com/none"}');
    const answer = await app.request('/', { method: 'POST', body });
    expect(await follow(answer)).toBe('http://example.com/none');
  });

  test('when it comes in chunks, cut within a character', async () => {
    const bytes = new TextEncoder().encode('{"url":"example.com/é"}');
    const cut = bytes.indexOf(0xc3) + 1;
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(bytes.slice(0, cut));
        await Bun.sleep(5);
        controller.enqueue(bytes.slice(cut));
        controller.close();
      },
    });
    expect(await follow(await app.request('/', { method: 'POST', body }))).toBe('http://example.com/%C3%A9');
  });
});

test.each([
  ['nothing', ''],
  ['no JSON', 'url=www.example.com'],
  ['cut JSON', '{"url":"www.exam'],
  ['null', 'null'],
  ['a number', '1'],
  ['a text', '"www.example.com"'],
  ['an array', '["www.example.com"]'],
  ['an array that has the member', '[{"url":"www.example.com"}]'],
  ['no url', '{}'],
  ['another spelling', '{"URL":"www.example.com"}'],
  ['a url of null', '{"url":null}'],
  ['a url that is a number', '{"url":1}'],
  ['a url in an array', '{"url":["www.example.com"]}'],
  ['an empty url', '{"url":""}'],
  ['a blank url', '{"url":" \\t "}'],
  ['a url on the prototype', '{"__proto__":{"url":"www.example.com"}}'],
  ['a url by the constructor', '{"constructor":{"prototype":{"url":"www.example.com"}}}'],
  ['deep JSON', '['.repeat(400_000)],
  ['deep JSON that is closed', `{"url":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
])('a body with %s is refused as before', async (_, body) => {
  expect(await expectRefusal(await app.shorten(body), 400, 'url')).toBe('invalid or missing parameter');
});

describe('a URL is refused', () => {
  test.each([
    ['with NUL', 'http://example.com/\0'],
    ['with a line break', 'http://example.com/\r\nSet-Cookie: a=b'],
    ['with a lone surrogate', 'http://example.com/\ud800'],
    ['with a lone surrogate in its host', '\udfff.example.com'],
    ['with a user name', 'http://user@example.com/'],
    ['with a password', 'http://user:secret@example.com/'],
    ['with a user name and no scheme', 'user@example.com'],
    ['with a backslash for a slash', 'http:\\\\example.com'],
    ['without a host', 'http:///x'],
    ['with a port that is none', 'http://example.com:99999/'],
    ['that runs a script', 'javascript:alert(1)'],
    ['that runs a script, disguised', ' java\tscript:alert(1)'],
    ['that runs a script behind slashes', 'javascript://example.com/%0aalert(1)'],
    ['that carries its content', 'data:text/html,x'],
    ['that is a file', 'file:///etc/passwd'],
    ['of an app', 'mailto:somebody@example.com'],
    ['of another protocol', 'ftp://example.com/'],
    ['that is too long', `http://example.com/${'x'.repeat(MAX_LONG_URL_LENGTH)}`],
  ])('%s', async (_, url) => {
    await expectRefusal(await app.shorten({ url }), 400, 'url');
  });

  test('that is a short URL of ours, existing or not, but not for another page of ours', async () => {
    const path = await app.create();
    for (const own of [`http://localhost:${app.port}${path}`, `localhost:${app.port}/nothing-here-yet`]) {
      expect(await expectRefusal(await app.shorten({ url: own }), 400, 'url')).toContain('short URL');
    }
    expect((await app.shorten({ url: `http://localhost:${app.port}/a/b/c/d` })).status).toBe(201);
  });

  test('beyond 8192 characters, counted as it is stored', async () => {
    const longest = 'http://example.com/'.padEnd(MAX_LONG_URL_LENGTH, 'x');
    expect(await follow(await app.shorten({ url: longest }))).toBe(longest);
    expect(await follow(await app.shorten({ url: longest.slice('http://'.length) }))).toBe(longest);
    await expectRefusal(await app.shorten({ url: `${longest}x` }), 400, 'url');
    await expectRefusal(await app.shorten({ url: `${longest.slice('http://'.length)}x` }), 400, 'url');
  });
});

test.each([
  ['blanks around it', ' \n www.example.com ', 'http://www.example.com'],
  ['a host of another script', 'http://bücher.example/ß', 'http://xn--bcher-kva.example/%C3%9F'],
  ['an address', 'http://[2001:db8::1]:8080/x', 'http://[2001:db8::1]:8080/x'],
  ['quotes and brackets', 'http://example.com/"<>', 'http://example.com/"<>'],
  ['a fragment', 'http://example.com/#/a?b', 'http://example.com/#/a?b'],
])('a URL with %s is taken', async (_, url, location) => {
  expect(await follow(await app.shorten({ url }))).toBe(location);
});

test('the same URL gets another code each time', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => app.shorten({ url: 'example.com/same' })));
  expect(answers.map((answer) => answer.status)).toEqual(Array(50).fill(201));
  expect(new Set(answers.map((answer) => answer.headers.get('location'))).size).toBe(50);
});

test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])('%s is refused, with what is allowed', async (method) => {
  const answer = await app.request('/', { method });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
});
