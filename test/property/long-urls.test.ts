import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { isPrintableAscii, locationOf, toPrintableAscii } from '../../src/lib/location.ts';
import { MAX_LONG_URL_LENGTH, parseLongUrl } from '../../src/short-urls/long-url.ts';
import { anyText, holds } from '../support/property.ts';

const OWN = 'hop.test';
const POLICIES = (['web', 'any'] as const).map((schemes) => ({
  schemes,
  isOwnAuthority: (host: string) => host === OWN,
}));
const policy = fc.constantFrom(...POLICIES);

const FORBIDDEN = ['javascript', 'data', 'vbscript', 'file', 'blob', 'about', 'filesystem', 'view-source'];
const scheme = fc.mixedCase(fc.constantFrom('http', 'https', 'mailto', 'app', ...FORBIDDEN));
const glue = fc.constantFrom(
  ':',
  ':',
  '://',
  '://',
  '://',
  ':/',
  ':\\\\',
  ':///',
  '：//',
  ' ://',
  '\t:',
  '%3A//',
  ':@',
);
const host = fc.constantFrom(
  'e.test',
  OWN,
  'HOP.TEST.',
  'hop。test',
  'u:p@e.test',
  `e.test@${OWN}`,
  '[::1]',
  '1',
  'a b',
  '',
);
const rest = fc.oneof(fc.constantFrom('', '/', '/abc', '/abc/track', '/a/b/c', '/%2e%2e/x', '//x'), anyText);
const anyUrl = fc.oneof(
  { weight: 1, arbitrary: anyText },
  { weight: 4, arbitrary: fc.tuple(scheme, glue, host, rest).map((parts) => parts.join('')) },
);
const padded = fc.tuple(fc.constantFrom('', ' ', '\n', '\0', '\ufeff'), anyUrl).map((parts) => parts.join(''));

/** Long URLs that were taken. */
function taken(text: string, by: (typeof POLICIES)[number]): string | undefined {
  const result = parseLongUrl(text, by);
  if (!result.ok) expect(result.reason).toMatch(/^[ -~]+$/);
  return result.ok ? result.longUrl : undefined;
}

test('what is taken is a URL to a WHATWG parser, with a scheme that runs nothing', () => {
  holds(padded, policy, (text, by) => {
    const longUrl = taken(text, by);
    if (longUrl === undefined) return;
    const { protocol, username, password } = new URL(longUrl);
    expect(FORBIDDEN).not.toContain(protocol.slice(0, -1));
    if (by.schemes === 'web') expect(protocol).toMatch(/^https?:$/);
    if (/^https?:$/.test(protocol)) expect(username + password).toBe('');
    expect(longUrl.length).toBeLessThanOrEqual(MAX_LONG_URL_LENGTH);
  });
});

test('what is taken leads to the same place from every page, and never to a short URL of ours', () => {
  holds(padded, policy, (text, by) => {
    const longUrl = taken(text, by);
    if (longUrl === undefined) return;
    const location = locationOf(longUrl);
    expect(isPrintableAscii(location)).toBe(true);
    const followed = new URL(location, `https://${OWN}/abc`);
    expect(followed.href).toBe(new URL(location).href);
    if (/^https?:$/.test(followed.protocol)) expect(followed.href).toBe(new URL(longUrl).href);
    const isOwn =
      /^https?:$/.test(followed.protocol) && followed.hostname.replace(/\.$/, '') === OWN && followed.port === '';
    if (isOwn) expect(followed.pathname).not.toMatch(/^\/[\w-]+\/?(track|qr-code)?$/);
  });
});

test('what is taken is taken again as it is', () => {
  holds(padded, policy, (text, by) => {
    const longUrl = taken(text, by);
    if (longUrl !== undefined) expect(taken(longUrl, by)).toBe(longUrl);
  });
});

test('no value of another type is a long URL', () => {
  holds(
    fc.anything().filter((value) => typeof value !== 'string'),
    policy,
    (value, by) => {
      expect(parseLongUrl(value, by).ok).toBe(false);
    },
  );
});

test('any text becomes one line of printable ASCII that decodes to it', () => {
  holds(anyText, (text) => {
    const location = toPrintableAscii(text);
    expect(isPrintableAscii(location)).toBe(true);
    expect(location.replace(/(?:%[\dA-F]{2})+/g, decodeLeniently)).toBe(
      text.toWellFormed().replace(/(?:%[\dA-F]{2})+/g, decodeLeniently),
    );
  });
});

function decodeLeniently(escapes: string): string {
  return Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8');
}
