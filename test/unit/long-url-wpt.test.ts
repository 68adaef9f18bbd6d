import { describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isPrintableAscii, locationOf } from '../../src/lib/location.ts';
import { type LongUrlPolicy, parseLongUrl } from '../../src/short-urls/long-url.ts';

/** The URL cases of the Web Platform Tests; strings between them are comments. Lies beside the project in CI. */
const DATA = resolve(import.meta.dir, '../../../shared/data/urltestdata.json');

interface UrlCase {
  readonly input: string;
  readonly base: string | null;
  readonly href?: string;
  readonly failure?: boolean;
}

const isThere = existsSync(DATA);
if (!isThere) console.log('skipped: the WHATWG URL cases, because ../shared/data/urltestdata.json is not there');

describe.skipIf(!isThere)('the WHATWG URL cases', async () => {
  const entries: (string | UrlCase)[] = isThere ? await Bun.file(DATA).json() : [];
  const cases = entries.filter((entry) => typeof entry !== 'string');
  const isOwnAuthority = () => false;

  test('are all there', () => {
    expect(cases.length).toBeGreaterThan(500);
  });

  test.each<LongUrlPolicy['schemes']>(['web', 'any'])(
    'are judged without an exception, and redirect if taken (%s)',
    (schemes) => {
      let accepted = 0;
      for (const { input, href } of cases) {
        for (const text of [input, href ?? '', `https://example.com/${input}`]) {
          const result = parseLongUrl(text, { schemes, isOwnAuthority });
          if (!result.ok) {
            expect(result.reason.length).toBeGreaterThan(10);
            continue;
          }
          accepted++;
          expectRedirects(result.longUrl);
        }
      }
      expect(accepted).toBeGreaterThan(500);
    },
  );

  test('have an href of ASCII alone, with lone surrogates too', () => {
    for (const { href, input } of cases) {
      for (const text of [
        input,
        href ?? '',
        `foo:${input}`,
        `foo://\ud800${input}`,
        `https://example.com/\udc00${input}`,
      ]) {
        const parsed = URL.parse(text);
        if (parsed !== null) expect(parsed.href).toMatch(/^[\x20-\x7e]+$/);
      }
    }
  });

  test('that no parser takes are not taken either', () => {
    for (const { input, base, failure } of cases) {
      if (!failure || base !== null || !/^https?:\/\//i.test(input)) continue;
      expect({ input, ok: parseLongUrl(input, { schemes: 'any', isOwnAuthority }).ok }).toEqual({ input, ok: false });
    }
  });
});

function expectRedirects(longUrl: string): void {
  const location = locationOf(longUrl);
  const response = new Response(null, { status: 302, headers: { location } });
  expect(isPrintableAscii(location)).toBe(true);
  expect(response.headers.get('location')).toBe(location);
}
