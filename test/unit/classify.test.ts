import { describe, expect, test } from 'bun:test';
import { Generations } from '../../src/lib/generations.ts';
import type { VisitRecord } from '../../src/visits/record.ts';
import { createClassifier } from '../../src/visits/recorder/classify.ts';
import { openLocations } from '../../src/visits/recorder/locations.ts';
import { seededRandom } from '../support/random.ts';

const VISIT: VisitRecord = {
  kind: 'short_url',
  domainId: 1,
  shortCode: 'abc',
  shortUrlId: 2,
  timeMs: 3,
  referrer: '',
  userAgent: 'curl/8.5.0',
  address: '8.8.8.0',
  visitedUrl: 'https://s.test/abc',
  redirectUrl: 'https://example.com/',
};

const locate = openLocations();

describe('a visit', () => {
  const classify = createClassifier(locate);

  test('keeps what was recorded of it', () => {
    expect(classify(VISIT)).toMatchObject({ ...VISIT, isBot: true, referrerHost: '' });
    expect(classify(VISIT).location).toMatchObject({ countryCode: 'US', countryName: 'United States', latitude: null });
  });

  test('has the host that referred to it', () => {
    const hosts = {
      'https://www.Example.com/page?x=1': 'example.com',
      'http://user:secret@news.example:8080/a': 'news.example',
      'android-app://com.example.app/': 'com.example.app',
      'https://example.org': 'example.org',
      'https://www.': 'www.',
      'about:blank': '',
      'no URL at all': '',
      'https://': '',
      'https://ex ample.com/': '',
    };
    for (const [referrer, referrerHost] of Object.entries(hosts))
      expect(classify({ ...VISIT, referrer })).toMatchObject({ referrer, referrerHost });
  });
});

test('a location is known by network, of both kinds, and unknown for what is none', () => {
  expect(locate('2a02:8109::')?.countryCode).toBe('DE');
  for (const text of ['', '192.0.2.0', 'nonsense', '999.1.1.1', ':::', '1.2.3']) expect(locate(text)).toBeNull();
});

test('a file that is no location database is refused', () => {
  expect(() => openLocations(import.meta.path)).toThrow();
  expect(() => openLocations('/nowhere.mmdb')).toThrow();
});

test('a cache of generations answers what would be made, and holds what was asked for lately', () => {
  const random = seededRandom(4);
  let made = 0;
  const cache = new Generations<number>(20);
  const get = (key: number) =>
    cache.get(`${key}`, (missing) => {
      made++;
      return Number(missing) * 2;
    });
  for (let i = 0; i < 1_000; i++) {
    const key = random(60);
    expect(get(key)).toBe(key * 2);
  }
  const before = made;
  for (let round = 0; round < 10; round++) for (let key = 100; key < 110; key++) get(key);
  expect(made - before).toBe(10);
});
