import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { decodeVisit, encodeVisit, MAX_TEXT_LENGTH, type VisitRecord } from '../../src/visits/record.ts';
import { anyText, holds } from '../support/property.ts';

/** What a visitor sends; also far too much of it. */
const sent = fc.oneof(
  { weight: 5, arbitrary: anyText },
  { weight: 1, arbitrary: anyText.map((text) => text.repeat(99)) },
);

/** The short code and the address are ours: they come from the grammar, and from ipaddr.js. */
const visit: fc.Arbitrary<VisitRecord> = fc.record({
  kind: fc.constantFrom('short_url', 'base_url', 'invalid_short_url', 'regular_404'),
  domainId: fc.maxSafeNat(),
  shortCode: fc.constantFrom('', 'abc', '日本語', "!$&'()*+,;=:@[]"),
  shortUrlId: fc.maxSafeNat(),
  timeMs: fc.maxSafeNat(),
  referrer: sent,
  userAgent: sent,
  address: fc.constantFrom('', '192.0.2.0', '2001:db8::'),
  visitedUrl: sent,
  redirectUrl: sent,
});

function cleaned(text: string): string {
  const units = Array.from({ length: Math.min(text.length, MAX_TEXT_LENGTH) }, (_, at) => text.charAt(at));
  return units
    .join('')
    .toWellFormed()
    .replace(/\p{Cc}/gu, (control) => (control > '\x7f' ? control : ' '));
}

test('a visit comes back as it was, but for what no text of the database may hold', () => {
  holds(visit, (record) => {
    const { referrer, userAgent, visitedUrl, redirectUrl } = record;
    expect(decodeVisit(encodeVisit(record))).toEqual({
      ...record,
      referrer: cleaned(referrer),
      userAgent: cleaned(userAgent),
      visitedUrl: cleaned(visitedUrl),
      redirectUrl: cleaned(redirectUrl),
    });
  });
});

test('a visit is one line of bounded length and well-formed text', () => {
  holds(visit, (record) => {
    const line = encodeVisit(record);
    expect(line).not.toMatch(/[\0-\x1e\x7f]/);
    expect(line.isWellFormed()).toBe(true);
    expect(line.length).toBeLessThan(4 * MAX_TEXT_LENGTH + 600);
  });
});

test('a text is read as a visit with whole numbers, or as none', () => {
  const fields = fc.array(fc.oneof(anyText, fc.constantFrom('0', '3', '4', '-1', '1.5', '1e99', '')), {
    maxLength: 12,
  });
  holds(
    fc.oneof(
      anyText,
      fields.map((all) => all.join('\x1f')),
    ),
    (text) => {
      const read = decodeVisit(text);
      if (read === undefined) return;
      expect([read.domainId, read.shortUrlId, read.timeMs].every(Number.isSafeInteger)).toBe(true);
      expect(['short_url', 'base_url', 'invalid_short_url', 'regular_404']).toContain(read.kind);
    },
  );
});
