import { describe, expect, test } from 'bun:test';
import { createSlugs } from '../../src/codes/slugs.ts';
import { parseAuthority } from '../../src/domains/authority.ts';
import { parseIsoDate } from '../../src/lib/iso-date.ts';
import { readCreation, readEdition } from '../../src/short-urls/fields.ts';
import { normaliseTag } from '../../src/tags/tag.ts';

const context = {
  slugs: createSlugs({ isLoose: false, isMultiSegment: false }),
  isOwnAuthority: (authority: string) => authority === 'hop.test',
  defaultDomain: 'hop.test',
  isReserved: (slug: string) => slug.toLowerCase() === 'rest',
};
const longUrl = 'https://example.com/';
const create = (fields: object) => readCreation({ longUrl, ...fields }, context);

/** The names in the error that reading throws; none when it does not. */
function invalid(read: () => unknown): unknown {
  try {
    read();
    return [];
  } catch (error) {
    return (error as { extra: { invalidElements: unknown } }).extra.invalidElements;
  }
}

describe('a date', () => {
  test.each([
    ['2030-01-02T03:04:05Z', '2030-01-02T03:04:05.000Z'],
    ['2030-01-02T03:04:05+02:00', '2030-01-02T01:04:05.000Z'],
    ['2030-01-02T03:04:05-0330', '2030-01-02T06:34:05.000Z'],
    ['2030-01-02T03:04:05.987654+00', '2030-01-02T03:04:05.000Z'],
    ['2030-01-02T03:04', '2030-01-02T03:04:00.000Z'],
    ['2030-01-02', '2030-01-02T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseIsoDate(text)?.toISOString()).toBe(iso);
  });

  test.each([
    '',
    'tomorrow',
    '2030',
    '2030-13-01',
    '2030-02-29',
    '2030-04-31',
    '2030-01-02 03:04:05',
    '2030-01-02T24:00:00Z',
    '2030-01-02T03:60:00Z',
    '2030-01-02T03:04:60Z',
    '2030-01-02T03:04:05+15:00',
    '20300102',
    '02/01/2030',
    '1893456000',
    '0000-01-01',
    '2030-01-02T03:04:05Zx',
  ])('%j is none', (text) => {
    expect(parseIsoDate(text)).toBeUndefined();
  });
});

describe('a domain', () => {
  test.each([
    ['Example.COM', 'example.com'],
    ['my_domain.example:8080', 'my_domain.example:8080'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['localhost:65535', 'localhost:65535'],
    ['example.com.', 'example.com'],
    ['example.com:80', 'example.com'],
  ])('%s is %s', (text, authority) => {
    expect(parseAuthority(text)).toBe(authority);
  });

  test.each([
    '',
    ' ',
    '127.0.0.1',
    '127.0.0.1:8080',
    '2130706433',
    '0x7f.1',
    '[::1]',
    '[::1]:80',
    '::1',
    'a b',
    'a..b',
    '.a',
    'example.com:65536',
    'example.com:0',
    'example.com:x',
    'example.com:',
    'http://example.com',
    'example.com/x',
    'user@example.com',
    'example.com?x',
    'a%2fb',
    'a\\b',
    '*.example.com',
    `${'x'.repeat(64)}.example`,
  ])('%j is none', (text) => {
    expect(parseAuthority(text)).toBeUndefined();
  });
});

test.each([
  [' Foo Bar ', 'foo-bar'],
  ['a  b', 'a--b'],
  ['ÄÖ', 'äö'],
  ['', undefined],
  [' ', undefined],
  ['a\0', undefined],
  ['\ud800', undefined],
  ['x'.repeat(256), undefined],
])('the tag %j is %j', (text, tag) => {
  expect(normaliseTag(text)).toBe(tag);
});

describe('a creation', () => {
  test('of nothing but a long URL has the defaults, and nulls mean absent', () => {
    const defaults = {
      longUrl,
      validSince: null,
      validUntil: null,
      maxVisits: null,
      tags: [],
      title: null,
      crawlable: false,
      forwardQuery: true,
      customSlug: null,
      pathPrefix: '',
      findIfExists: false,
      domain: null,
      codeLength: null,
    };
    expect(create({})).toEqual(defaults);
    const names = [
      'validSince',
      'validUntil',
      'maxVisits',
      'tags',
      'title',
      'crawlable',
      'forwardQuery',
      'customSlug',
      'pathPrefix',
      'findIfExists',
      'domain',
      'shortCodeLength',
    ];
    expect(create(Object.fromEntries(names.map((name) => [name, null])))).toEqual(defaults);
  });

  test.each([
    [{ customSlug: ' My slug/here ' }, { customSlug: 'My-slug-here' }],
    [{ customSlug: 'x y', pathPrefix: 'foo/b  ar-baz' }, { customSlug: 'foo-b--ar-bazx-y' }],
    [{ pathPrefix: 'foo/b  ar-baz' }, { pathPrefix: 'foo-b--ar-baz' }],
    [{ customSlug: '🔥' }, { customSlug: '🔥' }],
    [{ domain: 'HOP.test' }, { domain: null }],
    [{ domain: ' Other.Example ' }, { domain: 'other.example' }],
    [{ title: `  ${'ü'.repeat(600)}` }, { title: 'ü'.repeat(512) }],
    [{ title: '🔥'.repeat(600) }, { title: '🔥'.repeat(512) }],
    [{ title: ' ' }, { title: null }],
    [{ tags: ['B', 'a', 'b '] }, { tags: ['b', 'a'] }],
    [{ longUrl: 'mailto:a@example.com' }, { longUrl: 'mailto:a@example.com' }],
  ])('%j is read as %j', (fields, expected) => {
    expect(create(fields)).toMatchObject(expected);
  });

  test.each<[object, string[]]>([
    [{ longUrl: undefined }, ['longUrl']],
    [{ longUrl: null }, ['longUrl']],
    [{ longUrl: 'javascript:alert(1)' }, ['longUrl']],
    [{ longUrl: 'example.com' }, ['longUrl']],
    [{ longUrl: 'https://hop.test/abc' }, ['longUrl']],
    [{ longUrl: 'https://new.example/abc', domain: 'New.example' }, ['longUrl']],
    [{ maxVisits: 0, validSince: 'x', validUntil: 5 }, ['validSince', 'validUntil', 'maxVisits']],
    [{ maxVisits: 1.5 }, ['maxVisits']],
    [{ maxVisits: '5' }, ['maxVisits']],
    [{ customSlug: '' }, ['customSlug']],
    [{ customSlug: 'REST' }, ['customSlug']],
    [{ customSlug: 'st', pathPrefix: 're' }, ['customSlug']],
    [{ customSlug: 'a?b', domain: '1.2.3.4', pathPrefix: 7 }, ['customSlug', 'pathPrefix', 'domain']],
    [{ pathPrefix: 'x'.repeat(250) }, ['pathPrefix']],
    [{ shortCodeLength: 3 }, ['shortCodeLength']],
    [{ shortCodeLength: 33 }, ['shortCodeLength']],
    [{ tags: 'a' }, ['tags']],
    [{ tags: ['a', 1] }, ['tags']],
    [{ title: 'a\0b' }, ['title']],
    [{ crawlable: 'yes', forwardQuery: 1, findIfExists: 'true' }, ['crawlable', 'forwardQuery', 'findIfExists']],
  ])('with %j is refused for %j', (fields, names) => {
    expect(invalid(() => create(fields))).toEqual(names);
  });

  test("is of the key's own domain, whatever was sent", () => {
    const own = { ...context, ownDomain: 'own.example' };
    expect(readCreation({ longUrl, domain: '1.2.3.4' }, own).domain).toBe('own.example');
  });
});

test('nulls in an edition reset, what is left out stays, and a long URL is never reset', () => {
  const nulls = Object.fromEntries(
    ['longUrl', 'validSince', 'validUntil', 'maxVisits', 'tags', 'title', 'crawlable', 'forwardQuery'].map((name) => [
      name,
      null,
    ]),
  );
  expect(readEdition(nulls, context)).toEqual({
    longUrl: undefined,
    validSince: null,
    validUntil: null,
    maxVisits: null,
    tags: [],
    title: null,
    crawlable: false,
    forwardQuery: true,
  });
  expect(Object.values(readEdition({}, context)).filter((value) => value !== undefined)).toEqual([]);
});
