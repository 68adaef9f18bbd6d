import { describe, expect, test } from 'bun:test';
import { isPrintableAscii, locationOf } from '../../src/lib/location.ts';
import {
  isShortUrlPath,
  type LongUrlPolicy,
  MAX_LONG_URL_LENGTH,
  parseLongUrl,
} from '../../src/short-urls/long-url.ts';
import { seededRandom } from '../support/random.ts';

const isOwnAuthority = (authority: string) => ['s.test', 's.test:8080', 'xn--9q8h.test'].includes(authority);
const WEB: LongUrlPolicy = { schemes: 'web', isOwnAuthority };
const ANY: LongUrlPolicy = { schemes: 'any', isOwnAuthority };

describe('POST /', () => {
  test.each([
    ['www.google.com', 'http://www.google.com'],
    ['http://www.google.com', 'http://www.google.com'],
    ['https://www.google.com', 'https://www.google.com'],
    ['http://google.com', 'http://google.com'],
    ['http://www.google', 'http://www.google'],
    ['  www.example.com/x\n', 'http://www.example.com/x'],
    ['HTTPS://WWW.Example.com', 'HTTPS://WWW.Example.com'],
    ['example.com.', 'http://example.com.'],
    ['example.com:8080/x?y#z', 'http://example.com:8080/x?y#z'],
    ['localhost', 'http://localhost'],
    ['LocalHost:3000/x', 'http://LocalHost:3000/x'],
    ['http://wiki/x', 'http://wiki/x'],
    ['http://foo_bar.example.com', 'http://foo_bar.example.com'],
    ['127.0.0.1/x', 'http://127.0.0.1/x'],
    ['[::1]:8080/x', 'http://[::1]:8080/x'],
    ['http://[2001:db8::1]', 'http://[2001:db8::1]'],
    ['http://tést.example.com/é?ü#ñ', 'http://tést.example.com/é?ü#ñ'],
    ['例え。テスト', 'http://例え。テスト'],
    ['example.com/a b', 'http://example.com/a b'],
    ['example.com/?next=https://a.test/@x', 'http://example.com/?next=https://a.test/@x'],
    ['http://example.com\u002f\\x', 'http://example.com/\\x'],
  ])('takes %j as %j', (input, longUrl) => {
    expect(parseLongUrl(input, WEB)).toEqual({ ok: true, longUrl });
  });

  test.each([
    ['.ww.google.com', 'not a valid URL'],
    ['*google.com', 'not a valid URL'],
    ['www..google.com', 'not a valid URL'],
    ['www.google..', 'not a valid URL'],
    ['htp://www.google.com', 'only http:// and https://'],
    ['blah', 'this is not a URL'],
    ['12345', 'this is not a URL'],
    ['blah/x.y', 'this is not a URL'],
    ['//example.com', 'this is not a URL'],
    ['ftp://example.com', 'only http'],
    ['mailto:a@example.com', 'this is not a URL'],
    ['javascript:alert(1)', 'this is not a URL'],
    ['javascript:alert(1.5)', 'this is not a URL'],
    ['javascript://example.com/%0aalert(1)', 'only http'],
    ['http://', 'no host'],
    ['http:///x.test', 'no host'],
    ['http://\\x.test', 'no host'],
    ['http:/example.com', 'this is not a URL'],
    ['http://?x', 'no host'],
    ['http://user@example.com', 'user name'],
    ['http://:pw@example.com', 'user name'],
    ['http://@example.com', 'user name'],
    ['www.paypal.test@example.com', 'user name'],
    ['http://example.com\\@s.test/x', 'user name'],
    ['http://example.com\\.evil.test/x', 'not a valid URL'],
    ['http://example.com:99999', 'not a valid URL'],
    ['http://exa mple.com', 'not a valid URL'],
    ['http://1.2.3.400', 'not a valid URL'],
    ['http://[::1', 'not a valid URL'],
    ['http://a%00b.test', 'not a valid URL'],
    [`http://${'a'.repeat(64)}.test`, 'not a valid URL'],
    [`http://${'abcdefg.'.repeat(32)}test`, 'not a valid URL'],
    ['http://exa\0mple.com', 'control characters'],
    ['http://example.com/a\r\nSet-Cookie: x', 'control characters'],
    ['http://example.com/\x85', 'control characters'],
    ['http://example.com/\ud800', 'well-formed'],
    ['', 'invalid or missing parameter'],
    [' \n', 'invalid or missing parameter'],
  ])('refuses %j: %s', (input, reason) => {
    const result = parseLongUrl(input, WEB);
    expect(result.ok ? result.longUrl : result.reason).toContain(reason);
  });

  test('refuses what is no text', () => {
    for (const input of [
      undefined,
      null,
      7,
      true,
      {},
      ['http://example.com'],
      { toString: () => 'http://example.com' },
    ]) {
      expect(parseLongUrl(input, WEB)).toEqual({ ok: false, reason: 'invalid or missing parameter' });
    }
  });

  test('takes 8,192 characters, the scheme that it adds among them, and no more', () => {
    const longest = `example.com/${'x'.repeat(MAX_LONG_URL_LENGTH - 'http://example.com/'.length)}`;
    expect(parseLongUrl(longest, WEB).ok).toBe(true);
    expect(parseLongUrl(`${longest}x`, WEB).ok).toBe(false);
  });
});

describe('the REST API', () => {
  test.each([
    'https://example.com',
    'mailto:a@example.com',
    'mailto:a b@example.com',
    'tel:+34123456789',
    'tel:12345',
    'sms:123?body=hi',
    'android://details?id=x',
    'market://details?id=com.example',
    'android-app://com.example/https/example.com/x',
    'com.example.app:/oauth?x',
    'intent://scan/#Intent;scheme=zxing;end',
    'ftp://example.com/x',
  ])('takes %j', (longUrl) => {
    expect(parseLongUrl(` ${longUrl} `, ANY)).toEqual({ ok: true, longUrl });
  });

  test.each(['foo.com', 'foo.com/x', 'localhost:8080', 'example.com:8080/x', 'foo', '/x', '1:2', 'x:', '://x'])(
    'refuses %j, which has no scheme',
    (input) => {
      const result = parseLongUrl(input, ANY);
      expect(result.ok ? result.longUrl : result.reason).toContain('no scheme');
    },
  );

  test.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    '  javascript:alert(1)',
    '\x00javascript:alert(1)',
    '\x1fjavascript:alert(1)',
    'java\tscript:alert(1)',
    'java\nscript:alert(1)',
    'java\rscript\n:alert(1)',
    'javascript\t:alert(1)',
    '\u00a0javascript:alert(1)',
    '\ufeffjavascript:alert(1)',
    'javascript://example.com/%0aalert(1)',
    'data:text/html,x',
    'DATA:,x',
    'vbscript:x',
    'file:///etc/passwd',
    'file:x',
    'blob:https://example.com/x',
    'about:blank',
    'view-source:https://example.com',
    'filesystem:https://example.com/x',
    'http:s',
    'https:example.com',
    'http:/example.com',
    'https:\\\\example.com',
    'http://user:pw@example.com',
    'foo://exa mple/x',
  ])('refuses %j', (input) => {
    expect(parseLongUrl(input, ANY).ok).toBe(false);
  });
});

describe('a target on one of our own authorities', () => {
  test.each([
    'http://s.test/abc',
    'https://s.test/abc',
    'http://S.TEST:80/abc',
    'https://s.test:443/abc',
    'http://s.test./abc',
    'http://s.test:8080/abc',
    'http://s.test:08080/abc',
    'http://s%2etest/abc',
    'http://s。test/abc',
    'http://ｓ.test/abc',
    'http://👻.test/abc',
    'http://s.test/abc/',
    'http://s.test/abc/track',
    'http://s.test/abc?x=1#y',
    'http://s.test/%61bc',
    'http://s.test/🔥',
    'http://s.test/x/../abc',
    'http://s.test\u002fx/%2E%2e/abc',
    'http://s.test/not-there-yet',
    's.test/abc',
  ])('is refused where it could be a short URL: %j', (input) => {
    expect(parseLongUrl(input, WEB)).toEqual({ ok: false, reason: expect.stringContaining('this service itself') });
  });

  test.each(['http://s.test', 'http://s.test/', 'http://s.test/a/b', 'http://s.test:81/abc', 'http://x.s.test/abc'])(
    'is taken where it cannot: %j',
    (input) => {
      expect(parseLongUrl(input, WEB).ok).toBe(true);
    },
  );

  test('is refused as the caller says, where it says so', () => {
    const policy: LongUrlPolicy = { ...ANY, isSlugPath: () => true };
    expect(parseLongUrl('http://s.test/', policy).ok).toBe(false);
    expect(parseLongUrl('http://other.test/', policy).ok).toBe(true);
  });

  test('the paths of short URLs', () => {
    for (const path of ['/a', '/a/', '/a/track', '/a/qr-code', '/%F0%9F%98%80'])
      expect(isShortUrlPath(path)).toBe(true);
    for (const path of ['/', '//', '//a', '/a/b', '/a/track/', '/%2F', '/%00', '/a%'])
      expect(isShortUrlPath(path)).toBe(false);
  });
});

describe('the Location', () => {
  test.each([
    ['https://Example.com:443/a/../b?x', 'https://Example.com:443/a/../b?x'],
    ['http://tést.test/é?ü#ñ', 'http://xn--tst-bma.test/%C3%A9?%C3%BC#%C3%B1'],
    ['http://example.com/a b', 'http://example.com/a%20b'],
    ['mailto:a b@é', 'mailto:a%20b@%C3%A9'],
    ['not a URL\r\n\0', 'not%20a%20URL%0D%0A%00'],
    ['http://x.test/\ud800', 'http://x.test/%EF%BF%BD'],
    ['foo:\ud800', 'foo:%EF%BF%BD'],
    ['\udfff\ud800', '%EF%BF%BD%EF%BF%BD'],
  ])('of %j is %j', (longUrl, location) => {
    expect(locationOf(longUrl)).toBe(location);
  });

  test('is one line of printable ASCII, whatever was accepted', () => {
    const random = seededRandom(7);
    const pieces = [
      'http://',
      'HTTPS://',
      'mailto:',
      'foo://',
      'www.',
      'a',
      '.b',
      '/',
      '\\',
      '?',
      '#',
      '@',
      ':',
      ':80',
      '[::1]',
      '%',
      '%0d',
      ' ',
      '\u00a0',
      '\t',
      '\r\n',
      '\0',
      '\x7f',
      '\x85',
      'é',
      '\u2028',
      '\ud83d',
      '\ude00',
      '👩‍👧',
      '\ufffe',
      '。',
      '*',
      '"',
      '<',
    ];
    let accepted = 0;
    for (let i = 0; i < 30_000; i++) {
      const text = Array.from({ length: 1 + random(7) }, () => pieces[random(pieces.length)]).join('');
      expectSafe(text, locationOf(text));
      for (const policy of [WEB, ANY]) {
        const result = parseLongUrl(text, policy);
        if (!result.ok) continue;
        accepted++;
        expectSafe(result.longUrl, locationOf(result.longUrl));
      }
    }
    expect(accepted).toBeGreaterThan(1000);
  });
});

/** Plain ifs: an `expect` for each would cost more than what is tested. */
function expectSafe(longUrl: string, location: string): void {
  if (!isPrintableAscii(location) || location === '') throw new Error(`${JSON.stringify(longUrl)} → ${location}`);
  const response = new Response(null, { status: 302, headers: { location } });
  if (response.headers.get('location') !== location) throw new Error(`${location} does not arrive as it is`);
}
