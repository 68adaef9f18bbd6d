import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { rawGet } from '../support/http.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
  for (const customSlug of ['abc', 'go\u{1f680}', 'é', 'a+b', 'x'.repeat(255)]) {
    await app.create({ customSlug, longUrl: `https://example.com/?${encodeURIComponent(customSlug)}` });
  }
});
afterAll(() => app.stop());

/** Where this request target, sent as these bytes, leads; else the status. */
async function lead(target: string): Promise<string | number | undefined> {
  const answer = await rawGet(app.port, target);
  return answer?.status === 302 ? answer.headers.location : answer?.status;
}

const ABC = 'https://example.com/?abc';
const ROCKET = 'https://example.com/?go%F0%9F%9A%80';
const E_ACUTE = 'https://example.com/?%C3%A9';

describe('a path that means a short URL leads to it:', () => {
  test.each([
    ['as it is', '/abc', ABC],
    ['with a query', '/abc?', ABC],
    ['percent-encoded', '/%61bc', ABC],
    ['percent-encoded throughout', '/%61%62%63', ABC],
    ['in the absolute form that proxies use', 'http://elsewhere.example/abc', ABC],
    ['with dot segments, which the server resolves', '/x/../abc', ABC],
    ['with encoded dot segments', '/x/%2e%2E/abc', ABC],
    ['an emoji, percent-encoded', '/go%F0%9F%9A%80', ROCKET],
    ['an emoji, percent-encoded in lower case', '/go%f0%9f%9a%80', ROCKET],
    ['an emoji, as raw UTF-8', '/go\xf0\x9f\x9a\x80', ROCKET],
    ['composed', '/%C3%A9', E_ACUTE],
    ['decomposed, as macOS types it', '/e%CC%81', E_ACUTE],
    ['with a plus, which is one', '/a+b', 'https://example.com/?a%2Bb'],
    ['as long as a slug may be', `/${'x'.repeat(255)}`, `https://example.com/?${'x'.repeat(255)}`],
  ])('%s', async (_, target, location) => {
    for (const _ of ['miss', 'hit']) expect(await lead(target)).toBe(location);
  });
});

describe('a path that can be no short URL is not found:', () => {
  test.each([
    ['NUL', '/%00'],
    ['NUL behind a code', '/abc%00'],
    ['an encoded slash', '/abc%2F'],
    ['an encoded slash within', '/a%2Fbc'],
    ['no escape', '/%ZZ'],
    ['half an escape', '/abc%6'],
    ['a percent sign', '/%'],
    ['an escaped escape', '/%2561bc'],
    ['overlong UTF-8 of a letter', '/%C1%A1bc'],
    ['overlong UTF-8 of a slash', '/%C0%AF'],
    ['overlong UTF-8 of NUL', '/%C0%80'],
    ['a truncated character', '/%F0%9F%9A'],
    ['a surrogate', '/%ED%A0%80'],
    ['raw bytes that are no UTF-8', '/\xff\xfe'],
    ['a line break', '/abc%0d%0aX-Evil:%201'],
    ['a blank', '/abc%20'],
    ['a zero-width space', '/abc%E2%80%8B'],
    ['another case', '/ABC'],
    ['a slash behind it', '/abc/'],
    ['two slashes in front', '//abc'],
    ['slashes alone', '//'],
    ['a host behind two slashes', '//evil.example/abc'],
    ['more behind it', '/abc/def'],
    ['quotes and brackets', '/abc"<>{}|^`'],
    ['a fragment, which clients do not send', '/abc#x'],
    ['one character too long', `/${'x'.repeat(256)}`],
    ['very long', `/${'x'.repeat(10_000)}`],
    ['very long, percent-encoded', `/${'%61'.repeat(3_000)}`],
    ['the parent', '/..'],
    ['the parent, encoded', '/%2e%2e'],
    ['itself', '/.'],
  ])('%s', async (_, target) => {
    expect(await lead(target)).toBe(404);
  });
});

test('what can be no short URL asks nothing of the database', async () => {
  await app.sql`alter table short_urls rename to hidden`;
  try {
    for (const target of ['/%00', '/%ZZ', '/a%2Fb', '/%C0%AF', `/${'x'.repeat(256)}`, '/\xff']) {
      expect(await lead(target)).toBe(404);
    }
  } finally {
    await app.sql`alter table hidden rename to short_urls`;
  }
});

test.each([
  ['a head larger than the server reads', `/${'x'.repeat(40_000)}`],
  ['no path', 'abc'],
  ['a backslash in front', '\\abc'],
  ['a NUL byte', '/a\0bc'],
  ['a blank within', '/a bc'],
])('%s is refused before hop sees it', async (_, target) => {
  expect(await lead(target)).toBeWithin(400, 506);
});
