import { expect, test } from 'bun:test';
import { isIP } from 'node:net';
import fc from 'fast-check';
import { isAuthority, parseAuthority } from '../../src/domains/authority.ts';
import { normaliseTag } from '../../src/tags/tag.ts';
import { anyText, holds } from '../support/property.ts';

const LABELS = ['', 'a b', ...'a B bücher xn--bcher-kva _srv - a_b 1 0x7f 256 ☃ * 。 %41'.split(' ')];
const host = fc.array(fc.constantFrom(...LABELS), { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const port = fc.constantFrom('', ':80', ':8080', ':0', ':65536', ':99999', ':08', ':x', ':');
const addresses = fc.constantFrom('127.0.0.1', '1.2.3.4', '0x7f.1', '017.1', '[::1]', '[::ffff:1.2.3.4]', '4294967295');
const anyAuthority = fc.oneof(
  anyText,
  addresses,
  fc.tuple(host, port).map((parts) => parts.join('')),
);

test('a domain is what a browser makes of it, and stays as it is', () => {
  holds(anyAuthority, (text) => {
    const authority = parseAuthority(text);
    if (authority === undefined) return;
    expect(authority).toMatch(/^[a-z\d_.-]+(:\d+)?$/);
    expect(new URL(`http://${authority}/x`).host).toBe(authority);
    expect(parseAuthority(authority)).toBe(authority);
    expect(isIP(new URL(`http://${authority}`).hostname)).toBe(0);
    expect(isAuthority(text, authority)).toBe(true);
  });
});

test('a text names an authority only if a browser goes there', () => {
  holds(
    anyAuthority,
    fc.constantFrom('hop.test', '127.0.0.1:3000', '[::1]', 'xn--bcher-kva.test:8080'),
    (text, authority) => {
      if (isAuthority(text, authority))
        expect(new URL(`http://${text.trim()}`).host.replace(/\.(?=:|$)/, '')).toBe(authority);
    },
  );
});

test('a tag is well-formed text of bounded length that stays as it is', () => {
  holds(fc.oneof(anyText, fc.string({ unit: 'binary', minLength: 240, maxLength: 300 })), (text) => {
    const tag = normaliseTag(text);
    if (tag === undefined) return;
    expect([tag.isWellFormed(), tag.length <= 255, /\s|\0/.test(tag)]).toEqual([true, true, false]);
    expect(normaliseTag(tag)).toBe(tag);
  });
});
