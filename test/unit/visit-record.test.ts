import { describe, expect, test } from 'bun:test';
import { decodeVisit, encodeVisit, MAX_TEXT_LENGTH, type VisitRecord } from '../../src/visits/record.ts';

const visit: VisitRecord = {
  kind: 'short_url',
  domainId: 3,
  shortCode: 'grüße',
  shortUrlId: 2 ** 40,
  timeMs: 1_795_000_000_123,
  referrer: 'https://example.com/?a=b',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
  address: '192.0.2.0',
  visitedUrl: 'https://go.example/x?y',
  redirectUrl: 'https://example.com/target',
};

describe('a visit', () => {
  test.each(['short_url', 'base_url', 'invalid_short_url', 'regular_404'] as const)(
    '(%s) comes back as it was',
    (kind) => {
      expect(decodeVisit(encodeVisit({ ...visit, kind }))).toEqual({ ...visit, kind });
    },
  );

  test('keeps its fields apart, whatever is in them', () => {
    const userAgent = 'a\x1fb\x1ec\0d\ne\tf';
    expect(decodeVisit(encodeVisit({ ...visit, userAgent }))).toEqual({ ...visit, userAgent: 'a b c d e f' });
  });

  test('is well-formed text of bounded length', () => {
    const referrer = `${'x'.repeat(MAX_TEXT_LENGTH - 1)}😀`;
    const text = encodeVisit({ ...visit, referrer, userAgent: '\ud800x' });
    expect(text.isWellFormed()).toBe(true);
    expect(decodeVisit(text)?.referrer).toHaveLength(MAX_TEXT_LENGTH);
    expect(decodeVisit(text)?.userAgent).toBe('\ufffdx');
  });

  test.each([
    '',
    'x',
    '9\x1f'.repeat(10),
    encodeVisit(visit).replace('\x1f', ''),
    encodeVisit(visit).replace('3', 'x'),
  ])('is not made of %p', (text) => {
    expect(decodeVisit(text)).toBeUndefined();
  });
});
