import { describe, expect, test } from 'bun:test';
import { isPrintableAscii } from '../../src/lib/location.ts';
import { forwardQuery } from '../../src/redirect/query.ts';
import { seededRandom } from '../support/random.ts';

describe('a forwarded query', () => {
  test.each([
    // target, query, Location
    ['https://example.com', 'foo%20bar=123', 'https://example.com?foo%20bar=123'],
    ['https://example.com', 'foo+bar=1+2', 'https://example.com?foo%20bar=1%202'],
    ['https://example.com/', 'a=1&b=2', 'https://example.com/?a=1&b=2'],
    ['https://example.com/?', 'a=1', 'https://example.com/?a=1'],
    ['https://example.com/x?some=thing', 'else', 'https://example.com/x?some=thing&else'],
    ['https://example.com/x?some=thing', '123=foo', 'https://example.com/x?some=thing&123=foo'],
    ['https://example.com/x?z=1', 'y=2&x=3&y=4', 'https://example.com/x?z=1&y=2&x=3&y=4'],
    ['https://example.com/x?b&', 'a=1', 'https://example.com/x?b&a=1'],
    ['https://example.com/x#top', 'a=1', 'https://example.com/x?a=1#top'],
    ['https://example.com/x?a=1#top?no=query', 'b=2', 'https://example.com/x?a=1&b=2#top?no=query'],
    ['https://example.com/x#?', 'b=2', 'https://example.com/x?b=2#?'],
    ['https://example.com/x', 'url=https://a.test/?b=c', 'https://example.com/x?url=https://a.test/?b=c'],
    ['mailto:a@b.test', 'subject=x', 'mailto:a@b.test?subject=x'],
  ])('%s ? %s → %s', (target, query, location) => {
    expect(forwardQuery(target, query)).toBe(location);
  });

  test.each([
    ['https://e.test?some=thing', 'foo=bar&some=overwritten', 'https://e.test?some=overwritten&foo=bar'],
    ['https://e.test?a=1&b=2&a=3', 'a=9', 'https://e.test?a=9&b=2'],
    ['https://e.test?a=1&b=2', 'c=5&a=8&a=9&d=6', 'https://e.test?a=8&a=9&b=2&c=5&d=6'],
    ['https://e.test?a%5B%5D=1', 'a[]=2', 'https://e.test?a[]=2'],
    ['https://e.test?x+y=1', 'x%20y=2', 'https://e.test?x%20y=2'],
    ['https://e.test?a', 'a=1', 'https://e.test?a=1'],
    ['https://e.test?a=1', 'a', 'https://e.test?a'],
    ['https://e.test?a=1', 'A=2', 'https://e.test?a=1&A=2'],
    ['https://e.test?__proto__=1&constructor=2', 'constructor=3', 'https://e.test?__proto__=1&constructor=3'],
    ['https://e.test?%FF=1&%zz=2', '%ff=3&%zz=4', 'https://e.test?%ff=3&%25zz=4'],
    ['https://e.test?=1', '=2', 'https://e.test?=2'],
    ['https://e.test?', 'a=1&=2', 'https://e.test?a=1&=2'],
  ])('overrides what the target has in its place: %s ? %s → %s', (target, query, location) => {
    expect(forwardQuery(target, query)).toBe(location);
  });

  test.each(['', '&', '&&&'])('without a parameter (%j) leaves the target as it is', (query) => {
    for (const target of ['https://e.test', 'https://e.test?a=1&&#x', 'https://e.test/?']) {
      expect(forwardQuery(target, query)).toBe(target);
    }
  });

  test.each([
    ['&a=1&&b=2&', 'a=1&b=2'],
    ['a=%', 'a=%25'],
    ['a=%zz&b=%4', 'a=%25zz&b=%254'],
    ['a=%0d%0aSet-Cookie:x', 'a=%0d%0aSet-Cookie:x'],
    ['a=\r\nSet-Cookie: x', 'a=%0D%0ASet-Cookie:%20x'],
    ['a=é\0\x7f', 'a=%C3%A9%00%7F'],
    ['a=😀', 'a=%F0%9F%98%80'],
    ['a=\ud83d', 'a=%EF%BF%BD'],
    ['a=%ff', 'a=%ff'],
    ['a=<"\'>', 'a=%3c%22%27%3e'],
    ['a=b#c', 'a=b%23c'],
    ['%\ud83d%', '%25%EF%BF%BD%25'],
  ])('%j arrives as %j', (query, cleaned) => {
    expect(forwardQuery('https://e.test/', query)).toBe(`https://e.test/?${cleaned}`);
  });

  test('makes one line of printable ASCII that changes nothing but the query, whatever is sent', () => {
    const random = seededRandom(11);
    const pieces = [
      'a',
      'b=1',
      '=',
      '&',
      '+',
      '%',
      '%4',
      '%41',
      '%ff',
      '#',
      '?',
      ' ',
      '\r\n',
      '\0',
      '\x7f',
      'é',
      '\ud83d',
      '\ude00',
      '"',
      '\\',
      '|',
      '[',
      '\u2028',
    ];
    const targets = ['https://e.test', 'https://e.test/p?a=1&b=2&%61=3#f', 'https://e.test/?#', 'foo:bar?%&&=#?x'];
    for (let i = 0; i < 20_000; i++) {
      const query = Array.from({ length: random(9) }, () => pieces[random(pieces.length)]).join('');
      const target = targets[random(targets.length)] ?? '';
      const location = forwardQuery(target, query);
      const [before, fragment] = [
        target.split(/[?#]/)[0] ?? '',
        target.includes('#') ? target.slice(target.indexOf('#')) : '',
      ];
      if (!isPrintableAscii(location) || !location.startsWith(before) || !location.endsWith(fragment)) {
        throw new Error(`${target} ? ${JSON.stringify(query)} → ${location}`);
      }
      expect(location.split('#').length).toBe(target.split('#').length);
      expect(location.length).toBeLessThanOrEqual(target.length + 1 + 9 * query.length);
      expect(forwardQuery(location, query)).toBe(forwardQuery(forwardQuery(location, query), query));
    }
  });

  test('of the longest request is merged in linear time', () => {
    const many = (prefix: string, bytes: number) => `${prefix}%&`.repeat(bytes / (prefix.length + 2));
    const before = process.cpuUsage(); // and not the clock, which goes on for a busy machine
    for (let i = 0; i < 5; i++) forwardQuery(`https://e.test?${many('%ff', 8000)}`, many('%fe', 16_000));
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
  });
});
