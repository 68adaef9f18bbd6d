import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { decodeSegment, isSlug, MAX_SLUG_LENGTH, slugOf, toSlug } from '../../src/codes/grammar.ts';
import { isReserved } from '../../src/codes/reserved.ts';
import { linkKey } from '../../src/redirect/key.ts';
import { anyText, holds } from '../support/property.ts';

/** The grammar once more, as a pattern: slower, and plain to read. */
const FORBIDDEN =
  /["#%/<>?\\^`{|}\0-\x20\x7f-\xa0\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff0-\uffff]/;

function isSlugByPattern(text: string): boolean {
  const isLong = text.length > MAX_SLUG_LENGTH;
  return text !== '' && text !== '.' && text !== '..' && !isLong && text.isWellFormed() && !FORBIDDEN.test(text);
}

function decodedByBook(raw: string): string | undefined {
  try {
    const text = decodeURIComponent(raw).normalize('NFC');
    return isSlugByPattern(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

const anySlug = anyText.map(toSlug).filter((slug) => slug !== undefined);

test('a slug is what the grammar says, whatever the text', () => {
  holds(fc.oneof(anyText, fc.string({ unit: 'binary', minLength: 200, maxLength: 300 })), (text) => {
    expect(isSlug(text)).toBe(isSlugByPattern(text));
  });
});

test('a segment is decoded as decodeURIComponent does, or names no slug', () => {
  const anySegment = fc.oneof(
    anyText,
    anyText.map(escape),
    anyText.map((text) => encodeURI(text.toWellFormed())),
  );
  holds(anySegment, (raw) => {
    expect(decodeSegment(raw)).toBe(decodedByBook(raw));
  });
});

test('a slug comes back from every URL that is made of it', () => {
  holds(anySlug, (slug) => {
    for (const written of [slug, encodeURIComponent(slug)]) {
      const { pathname } = new URL(`http://hop.test/${written}`);
      expect(pathname.slice(1)).not.toContain('/');
      expect(decodeSegment(pathname.slice(1))).toBe(slug);
    }
  });
});

test('what is made a slug is one, and stays as it is', () => {
  holds(anyText, (text) => {
    for (const make of [slugOf, toSlug]) {
      const slug = make(text);
      if (slug !== undefined) expect([isSlugByPattern(slug), make(slug)]).toEqual([true, slug]);
    }
  });
});

test('no slug is the key of another on any domain', () => {
  holds(anySlug, anySlug, fc.nat(3), fc.nat(3), (one, other, oneDomain, otherDomain) => {
    const isSame = one === other && oneDomain === otherDomain;
    expect(linkKey(oneDomain, one) === linkKey(otherDomain, other)).toBe(isSame);
  });
});

test('reserved words are reserved in every case, and nothing that objects inherit is', () => {
  holds(fc.mixedCase(fc.constantFrom('rest', 'robots.txt', 'metrics')), (word) => {
    expect(isReserved(word)).toBe(true);
  });
  for (const name of ['__proto__', 'constructor', 'toString', ':any', '']) expect(isReserved(name)).toBe(false);
});
