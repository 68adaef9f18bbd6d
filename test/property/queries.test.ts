import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { isPrintableAscii } from '../../src/lib/location.ts';
import { forwardQuery } from '../../src/redirect/query.ts';
import { anyText, holds } from '../support/property.ts';

type Pairs = readonly (readonly [string, string])[];

const TARGETS = ['https://e.test', 'https://e.test/', 'https://e.test/a/b?', 'https://e.test/x#top', 'app://x/y?z#?'];
const piece = fc.constantFrom(
  'a',
  'b',
  'a[]',
  'a%5B%5D',
  'x+y',
  'x%20y',
  '__proto__',
  'é',
  '%C3%A9',
  '%zz',
  '%',
  "'",
  '',
);
const value = fc.oneof(piece, anyText.map(encodeWellFormed));
const parameter = fc.oneof(
  piece,
  fc.tuple(piece, value).map(([key, text]) => `${key}=${text}`),
);
const query = fc.array(parameter, { maxLength: 6 }).map((parameters) => parameters.join('&'));

function encodeWellFormed(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** What the target's own parameters and those of the visitor make together, by WHATWG's reading of both. */
function together(target: Pairs, sent: Pairs): Pairs {
  const placed = new Set<string>();
  const own = target.flatMap(([key, text]) => {
    const overrides = sent.filter(([name]) => name === key);
    if (overrides.length === 0) return [[key, text] as const];
    if (placed.has(key)) return [];
    placed.add(key);
    return overrides;
  });
  return [...own, ...sent.filter(([key]) => !placed.has(key))];
}

test('a forwarded query reads as the parameters of the target, overridden by those sent', () => {
  holds(query, query, (own, sent) => {
    const target = new URL(`https://e.test/x?${own}`).href;
    const location = forwardQuery(target, sent);
    const expected = together([...new URL(target).searchParams], [...new URLSearchParams(`?${sent}`)]);
    expect<Pairs>([...new URL(location).searchParams]).toEqual(expected);
  });
});

test('whatever is sent, only the query of the target changes, and the result can be a header', () => {
  holds(fc.constantFrom(...TARGETS), anyText, (target, sent) => {
    const location = forwardQuery(target, sent);
    expect(isPrintableAscii(location)).toBe(true);
    const [before, after] = [new URL(target), new URL(location)];
    for (const part of ['protocol', 'host', 'pathname', 'hash'] as const) expect(after[part]).toBe(before[part]);
    expect(location.length).toBeLessThanOrEqual(target.length + 9 * sent.length + 1);
  });
});

test('a query that was forwarded is not changed by being forwarded again', () => {
  holds(fc.constantFrom(...TARGETS), anyText, (target, sent) => {
    const [, once = ''] = /\?([^#]*)/.exec(forwardQuery('https://e.test/', sent)) ?? [];
    expect(forwardQuery(target, once)).toBe(forwardQuery(target, sent));
  });
});
