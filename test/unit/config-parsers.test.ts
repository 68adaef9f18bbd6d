import { describe, expect, test } from 'bun:test';
import { parseBytes, parseInteger, printBytes } from '../../src/config/numbers.ts';
import { maskPostgresUrl, parsePostgresUrl } from '../../src/config/postgres-url.ts';
import {
  parseAddressPatterns,
  parseApiKey,
  parseAuthority,
  parseHost,
  parseHttpUrl,
  parseNetworks,
  parseOrigin,
  parseParameter,
  parseProductTokens,
} from '../../src/config/texts.ts';

test('integers are read exactly or not at all', () => {
  for (const n of [0, 1, -1, 42, 65_535, 2 ** 31, Number.MAX_SAFE_INTEGER]) expect(parseInteger(String(n))).toBe(n);
  for (const text of ['', ' 1', '1 ', '+1', '01', '-0', '1.0', '1e3', '1_000', '0x1', '٣', 'NaN', 'Infinity', '1\n'])
    expect(parseInteger(text)).toBeUndefined();
});

test('sizes are read in decimal and binary units', () => {
  const cases = {
    '0': 0,
    '1500': 1500,
    '7B': 7,
    '2KB': 2000,
    '2kib': 2048,
    '256MB': 256e6,
    '64MiB': 2 ** 26,
    '1GiB': 2 ** 30,
  };
  for (const [text, bytes] of Object.entries(cases)) expect(parseBytes(text)).toBe(bytes);
  for (const text of ['', 'B', '1M', '1Mi', '1 MB', '1.5MB', '-1KB', '01KB', '1TB', '1MBs'])
    expect(parseBytes(text)).toBeUndefined();
});

test('a size is printed as it is read', () => {
  for (let bytes = 1; bytes < 2 ** 40; bytes = Math.ceil(bytes * 1.01))
    expect(parseBytes(printBytes(bytes))).toBe(bytes);
  for (let power = 0; power < 40; power++) expect(parseBytes(printBytes(2 ** power))).toBe(2 ** power);
  expect([0, 1500, 2 ** 10, 2 ** 26, 3 * 2 ** 30, 2 ** 26 + 1].map(printBytes)).toEqual([
    '0',
    '1500',
    '1KiB',
    '64MiB',
    '3GiB',
    '67108865',
  ]);
});

test('names of crawlers', () => {
  expect(parseProductTokens('*')).toEqual(['*']);
  expect(parseProductTokens('Googlebot, bing_bot-2')).toEqual(['Googlebot', 'bing_bot-2']);
  for (const text of ['', 'a,', 'a b', 'a\nAllow: /', '*bot', 'x'.repeat(101)])
    expect(parseProductTokens(text)).toBeUndefined();
});

test('hosts to listen on', () => {
  for (const host of ['0.0.0.0', '::', '::1', 'localhost', 'web-1.example.com', 'a', 'my_host'])
    expect(parseHost(host)).toBe(host);
  for (const text of [
    '',
    ' ',
    '[::1]',
    '*',
    'a b',
    'http://x',
    'x:80',
    '127.0.0',
    '0.0.0.256',
    'fe80::1%eth0',
    'a..b',
    '.a',
    'x'.repeat(254),
  ])
    expect(parseHost(text)).toBeUndefined();
});

test('authorities', () => {
  for (const text of ['s.test', 'localhost:3000', 'my_host', '[::1]:80', '10.0.0.1', 'xn--bcher-kva.example'])
    expect(parseAuthority(text)).toBe(text);
  for (const text of [
    '',
    'https://s.test',
    's.test/',
    's.test/x',
    'a@b',
    'a b',
    'a?b',
    'a#b',
    'a\\b',
    'a%41',
    's.test:',
    's.test:0',
    's.test:70000',
    ':80',
    'a:b',
    '::1',
  ])
    expect(parseAuthority(text)).toBeUndefined();
});

test('redirects are ASCII and without credentials', () => {
  for (const url of ['http://x', 'https://example.com/a?b=c#d', 'HTTPS://Example.com'])
    expect(parseHttpUrl(url)).toBe(url);
  expect(parseHttpUrl('https://bücher.example/ä')).toBe('https://xn--bcher-kva.example/%C3%A4');
  for (const text of [
    '',
    'example.com',
    '//example.com',
    'ftp://x',
    'javascript:alert(1)',
    'http://',
    'http://a b',
    ' http://x',
    'http://x\r\nA: b',
    'http://u:p@x',
    'http://u@x',
    'http://:p@x',
    'https://x:99999',
  ])
    expect(parseHttpUrl(text)).toBeUndefined();
});

test('an origin is as browsers send it, or a star', () => {
  const cases = {
    '*': '*',
    'https://admin.test': 'https://admin.test',
    'https://Admin.test/': 'https://admin.test',
    'https://admin.test:443': 'https://admin.test',
    'http://localhost:8080': 'http://localhost:8080',
    'http://[::1]:8080': 'http://[::1]:8080',
    'https://bücher.test': 'https://xn--bcher-kva.test',
  };
  for (const [text, origin] of Object.entries(cases)) expect(parseOrigin(text)).toBe(origin);
  for (const text of [
    '',
    '**',
    'admin.test',
    'null',
    'https://a.test/x',
    'https://a.test,https://b.test',
    'ftp://a.test',
  ])
    expect(parseOrigin(text)).toBeUndefined();
  for (const text of ['https://*.test', 'https://u@a.test', 'https://a.test?', 'https://a.test\r\nA: b', 'https://'])
    expect(parseOrigin(text)).toBeUndefined();
});

test('networks become CIDR ranges', () => {
  expect(parseNetworks('10.0.0.0/8, 192.168.1.1,::1 , 2001:db8::/32')).toEqual([
    '10.0.0.0/8',
    '192.168.1.1/32',
    '::1/128',
    '2001:db8::/32',
  ]);
  expect(parseNetworks('none')).toEqual([]);
  for (const text of [
    '',
    ',',
    '10.0.0.1,',
    '10.1',
    '10/8',
    '0x7f.0.0.1',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    'fe80::1%eth0',
    'localhost',
    'all',
  ])
    expect(parseNetworks(text)).toBeUndefined();
});

test('patterns of addresses are networks, or IPv4 with asterisks', () => {
  expect(parseAddressPatterns('10.0.0.0/8, 192.168.*.*,11.*.33.*, ::1')).toEqual([
    '10.0.0.0/8',
    '192.168.*.*',
    '11.*.33.*',
    '::1/128',
  ]);
  expect(parseAddressPatterns('none')).toEqual([]);
  for (const text of [
    '',
    '*',
    '10.*',
    '10.*.*',
    '1*.0.0.1',
    '**.0.0.1',
    '10.*.0.0/8',
    '256.*.0.1',
    '2001:*::',
    '10.*.0.1,',
  ])
    expect(parseAddressPatterns(text)).toBeUndefined();
});

test('names of parameters need no encoding', () => {
  for (const name of ['nostat', 'no_track', 'x-1']) expect(parseParameter(name)).toBe(name);
  for (const text of ['', 'a b', 'a=b', 'a&b', 'ü', 'x'.repeat(101)]) expect(parseParameter(text)).toBeUndefined();
});

test('API keys fit in a header', () => {
  for (const key of ['x', 'a b', '0123456789abcdef', crypto.randomUUID(), '~'.repeat(256)])
    expect(parseApiKey(key)).toBe(key);
  for (const text of ['', ' x', 'x ', 'ä'.repeat(20), `${'x'.repeat(20)}\n`, 'x'.repeat(257)])
    expect(parseApiKey(text)).toBeUndefined();
});

describe('a PostgreSQL URL', () => {
  const masked = {
    'postgres://db/hop': 'postgres://db/hop',
    'postgresql://hop@db:5433/hop': 'postgresql://hop@db:5433/hop',
    'postgres://hop:secret@db/hop?sslmode=require': 'postgres://hop:***@db/hop?sslmode=require',
    'postgres://hop:secret@h1:5432,h2:5433/hop': 'postgres://hop:***@h1:5432,h2:5433/hop',
    'postgres://hop:s%40%2Fcret@[::1]:5432/hop': 'postgres://hop:***@[::1]:5432/hop',
    'postgres://hop@localhost/hop?host=/var/run/postgresql': 'postgres://hop@localhost/hop?host=/var/run/postgresql',
    'postgres:///hop?host=/tmp': 'postgres:///hop?host=/tmp',
    'postgres://hop:a:b@db': 'postgres://hop:***@db',
    'postgres://hop:$&@db/hop': 'postgres://hop:***@db/hop',
    'postgres://secret:secret@secret/secret': 'postgres://secret:***@secret/secret',
    'postgres://db/hop?user=hop&password=secret&sslpassword=x': 'postgres://db/hop?user=hop&password=***',
    'postgres://db/hop?user=hop&password=se&cret': 'postgres://db/hop?user=hop&password=***',
  };

  test.each(Object.entries(masked))('%s is taken, and shown as %s', (url, shown) => {
    expect(parsePostgresUrl(url)).toBe(url);
    expect(maskPostgresUrl(url)).toBe(shown);
  });

  const refused = {
    '': '***',
    'db/hop': '***',
    'mysql://hop:secret@db/hop': 'mysql://***',
    'postgres:hop:secret@db': '***',
    'postgres://hop:se/cret@db/hop': 'postgres://***',
    'postgres://hop:se#cret@db/hop': 'postgres://***',
    'postgres://hop:se@cret@db/hop': 'postgres://***',
    'postgres://hop:100%@db/hop': 'postgres://***',
    'postgres://db:0/hop': 'postgres://***',
    'postgres://db:65536/hop': 'postgres://***',
    'postgres://h1,,h2/hop': 'postgres://***',
    'postgres://db/hop x': 'postgres://***',
  };

  test.each(Object.entries(refused))('%p is refused, and shown as %s', (text, shown) => {
    expect(parsePostgresUrl(text)).toBeUndefined();
    expect(maskPostgresUrl(text)).toBe(shown);
  });
});
