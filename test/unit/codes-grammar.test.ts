import { describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { decodeSegment, isSlug, MAX_SLUG_LENGTH, slugOf, toSlug } from '../../src/codes/grammar.ts';
import { seededRandom } from '../support/random.ts';

const SLUGS = [
  'a',
  '7',
  'abc123X',
  'my-slug',
  'a_b.c~d',
  '...',
  '.well-known',
  '-',
  "!$&'()*+,;=:@[]",
  'ñandú',
  '日本語',
  'میخواهم',
  '🔥',
  '👩‍👩‍👧‍👦',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  '❤️',
  'क्षि',
  'می\u200cخواهم',
  'x'.repeat(MAX_SLUG_LENGTH),
  '😀'.repeat(127),
];
const NO_SLUGS = [
  '',
  '.',
  '..',
  'a b',
  ' a',
  'a/b',
  '/',
  'a?b',
  'a#b',
  'a%b',
  '%41',
  'a\\b',
  'a"b',
  'a<b',
  'a>b',
  'a^b',
  'a`b',
  'a{b',
  'a|b',
  'a}b',
  'a\0b',
  'a\nb',
  'a\x1fb',
  'a\x7fb',
  'a\x80b',
  'a\x9fb',
  'a\u00a0b',
  'a\u1680b',
  'a\u2003b',
  'a\u200bb',
  'a\u200eb',
  'a\u2028b',
  'a\u202eb',
  'a\u205fb',
  'a\u2066b',
  'a\u3000b',
  'a\ufeffb',
  'a\ufffdb',
  'a\uffffb',
  '\ud83d',
  'a\ude00b',
  '\ude00\ud83d',
  'x'.repeat(MAX_SLUG_LENGTH + 1),
  '😀'.repeat(128),
];

describe('the slug grammar', () => {
  test.each(SLUGS)('takes %j', (text) => {
    expect(isSlug(text)).toBe(true);
  });

  test.each(NO_SLUGS)('refuses %j', (text) => {
    expect(isSlug(text)).toBe(false);
    expect(slugOf(text)).toBeUndefined();
  });
});

describe('a path segment', () => {
  test.each([
    ['abc123X', 'abc123X'],
    ['%61bc', 'abc'],
    ['%F0%9F%98%80', '😀'],
    ['%f0%9f%98%80', '😀'],
    ['😀', '😀'],
    ['a%2Bb+c', 'a+b+c'],
    ['e%CC%81', '\u00e9'],
    ['e\u0301', '\u00e9'],
  ])('%j names the slug %j', (raw, slug) => {
    expect(decodeSegment(raw)).toBe(slug);
  });

  test.each([
    '',
    '%',
    'a%',
    'a%4',
    '%ZZ',
    '%00',
    '%2F',
    '%2f',
    '%5C',
    '%25',
    '%3F',
    '%23',
    '%20',
    '%0D%0A',
    '%C0%AF',
    '%E0%80%AF',
    '%F0%80%80%AF',
    '%F0%9F%98',
    '%80',
    '%FF',
    '%ED%A0%80',
    '%ED%A0%BD%ED%B8%80',
    '%F4%90%80%80',
    '%EF%BF%BD',
    '%2E',
    '%2E%2E',
    '.',
    '..',
    '\ud83d',
    '%61\ud83d',
    'a b',
    '%u0041',
    '%61'.repeat(256),
  ])('%j names none', (raw) => {
    expect(decodeSegment(raw)).toBeUndefined();
  });

  test('decodes what encodeURIComponent makes of every slug', () => {
    for (const slug of SLUGS) expect(decodeSegment(encodeURIComponent(slug))).toBe(slug.normalize('NFC'));
  });

  test('whatever it is, names a slug in NFC or none, and never throws', () => {
    const random = seededRandom(1);
    const pieces = [
      '%',
      '%2',
      'F',
      '%C3',
      '%A9',
      'é',
      'e\u0301',
      '%CC%81',
      '\ud83d',
      '\ude00',
      '.',
      '/',
      'a',
      ' ',
      '%00',
      '\u202e',
      '%F0%9F%98%80',
      '\0',
    ];
    for (let i = 0; i < 50_000; i++) {
      const raw = Array.from({ length: random(6) }, () => pieces[random(pieces.length)]).join('');
      const slug = decodeSegment(raw);
      if (slug === undefined) continue;
      expect(isSlug(slug) && slug === slug.normalize('NFC')).toBe(true);
      expect(decodeSegment(encodeURIComponent(slug))).toBe(slug);
    }
  });

  test('sent as raw bytes reaches the grammar through Bun.serve', async () => {
    const seen: (string | undefined)[] = [];
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch(request) {
        seen.push(decodeSegment(request.url.slice('http://h/'.length)));
        return new Response();
      },
    });
    try {
      for (const path of ['/😀', '/%f0%9f%98%80', '/a%2Fb', '/a%00b', '/a%', '/\xff', '/a\\b', '/caf\xc3\xa9']) {
        await sendPath(Number(server.port), path);
      }
    } finally {
      await server.stop(true);
    }
    expect(seen).toEqual(['😀', '😀', undefined, undefined, undefined, undefined, undefined, 'café']);
  });
});

test('a custom slug has its blanks and slashes made dashes', () => {
  const made: [string, string | undefined][] = [
    ['my cool slug', 'my-cool-slug'],
    ['foo/b  ar-baz', 'foo-b--ar-baz'],
    ['  trimmed\n', 'trimmed'],
    ['🦣🦣🦣', '🦣🦣🦣'],
    ['Cafe\u0301', 'Café'],
    ['a\tb', undefined],
    ['', undefined],
    ['   ', undefined],
    ['..', undefined],
    ['50%', undefined],
  ];
  for (const [custom, slug] of made) expect(toSlug(custom)).toBe(slug as string);
});

/** One request whose path is sent byte for byte: text beyond U+00FF as UTF-8, else as the bytes themselves. */
function sendPath(port: number, path: string): Promise<void> {
  const bytes = Buffer.from(path, /[^\0-\xff]/.test(path) ? 'utf8' : 'latin1');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(
      Buffer.concat([Buffer.from('GET '), bytes, Buffer.from(' HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')]),
    );
  });
  socket.on('data', () => {});
  socket.on('close', () => resolve());
  socket.on('error', reject);
  return promise;
}
