import { decodeSegment } from '../codes/grammar.ts';
import { authorityOf, isResolvable, looksLikeHost } from '../lib/host.ts';

/** In UTF-16 units, of the URL as it is stored. */
export const MAX_LONG_URL_LENGTH = 8192;

export interface LongUrlPolicy extends OwnAddresses {
  /**
   * `web` (anonymous creation): http and https only, `http://` put in front where no scheme is.
   * `any` (REST API): app schemes (`mailto:`, `market://`) as well, and a scheme must be given.
   */
  readonly schemes: 'web' | 'any';
}

/** Where short URLs are answered, so that none may lead there. */
export interface OwnAddresses {
  /** Whether hop itself answers at this `host[:port]` (lower case, default port of the scheme left out). */
  readonly isOwnAuthority: (authority: string) => boolean;
  /** Which paths of an own authority are refused; default: those of short URLs, existing or not. */
  readonly isSlugPath?: ((pathname: string) => boolean) | undefined;
}

/** `longUrl` is what to store: as given, but trimmed and with a scheme. `reason` is a sentence for the client. */
export type LongUrlResult =
  | { readonly ok: true; readonly longUrl: string }
  | { readonly ok: false; readonly reason: string };

/**
 * Judges a long URL (or another redirect target) before it is stored. Everything is decided on what a WHATWG parser
 * makes of it, because that is what follows the redirect, and whatever other clients might read otherwise (a
 * backslash or an `@` in the authority, `http:x` relative to us) is refused.
 */
export function parseLongUrl(input: unknown, policy: LongUrlPolicy): LongUrlResult {
  const text = typeof input === 'string' ? input.trim() : '';
  if (text === '') return refused('invalid or missing parameter');
  const lacksScheme = policy.schemes === 'web' && !/^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  if (lacksScheme && !looksLikeHost(text)) return refused(NOT_A_URL);
  const longUrl = lacksScheme ? `http://${text}` : text;
  const fault = faultOfText(longUrl) ?? faultOfUrl(longUrl, policy);
  return fault === undefined ? { ok: true, longUrl } : refused(fault);
}

/** The paths at which short URLs are answered: `/slug`, `/slug/`, `/slug/track`, `/slug/qr-code`. */
export function isShortUrlPath(pathname: string): boolean {
  const [slug = '', suffix = '', ...more] = pathname.slice(1).split('/');
  return decodeSegment(slug) !== undefined && more.length === 0 && ['', 'track', 'qr-code'].includes(suffix);
}

/**
 * The same where slugs have slashes within, or where what stands behind a slug does not matter: then everything below
 * the first segment is a short URL's, but for what is the API's.
 */
export function isBelowShortUrl(isReserved: (path: string) => boolean): (pathname: string) => boolean {
  return (pathname) => {
    const [first = ''] = pathname.slice(1).split('/', 1);
    return decodeSegment(first) !== undefined && !isReserved(first);
  };
}

function refused(reason: string): LongUrlResult {
  return { ok: false, reason };
}

function faultOfText(text: string): string | undefined {
  if (text.length > MAX_LONG_URL_LENGTH) return `the URL is longer than ${MAX_LONG_URL_LENGTH} characters`;
  if (/[\0-\x1f\x7f-\x9f]/.test(text)) return 'the URL contains control characters: remove or percent-encode them';
  if (!text.isWellFormed()) return 'the URL is not well-formed Unicode: percent-encode it';
  return undefined;
}

function faultOfUrl(text: string, policy: LongUrlPolicy): string | undefined {
  const scheme = schemeOf(text);
  if (scheme === undefined) return 'the URL has no scheme: put https:// in front';
  if (scheme === 'http' || scheme === 'https') return faultOfWebUrl(text, policy);
  if (policy.schemes === 'web') return 'only http:// and https:// URLs can be shortened';
  if (FORBIDDEN_SCHEMES.has(scheme)) return `${scheme}: URLs cannot be shortened`;
  return URL.canParse(text) ? undefined : NOT_VALID;
}

const NOT_A_URL = 'this is not a URL: give the whole address, such as https://example.com/page';
const NOT_VALID = 'this is not a valid URL: check its host, port and spelling';

/** Schemes that run code, carry the content in the URL, or reach into the visitor's machine. */
const FORBIDDEN_SCHEMES = new Set([
  'about',
  'blob',
  'data',
  'file',
  'filesystem',
  'javascript',
  'vbscript',
  'view-source',
]);

/**
 * The lower-case scheme, undefined where there is none. Blanks and controls are gone by now, with which a scheme
 * could otherwise be disguised. `example.com:8080/x` and `localhost:8080` have a port, not a scheme.
 */
function schemeOf(text: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):./i.exec(text)?.[1]?.toLowerCase();
  const isHost = scheme === 'localhost' || scheme?.includes('.');
  return isHost && /^[^:]*:\d{1,5}(?:[/?#]|$)/.test(text) ? undefined : scheme;
}

function faultOfWebUrl(text: string, policy: LongUrlPolicy): string | undefined {
  const authority = /^https?:\/\/([^/?#]*)/i.exec(text)?.[1];
  // Browsers also read `https:x` and `https:/x`, as paths on the host that redirects to them.
  if (!authority || authority.startsWith('\\')) return 'the URL has no host: write it as https://host/path';
  if (authority.includes('@'))
    return 'URLs with a user name or password cannot be shortened: remove what is before the @';
  const url = URL.parse(text);
  if (url === null || authority.includes('\\') || !isResolvable(url)) return NOT_VALID;
  return isOwnShortUrl(url, policy) ? 'this address is a short URL of this service itself: give its target' : undefined;
}

/** Also where no short URL exists yet: it could be created later, pointing back here. */
function isOwnShortUrl(url: URL, policy: LongUrlPolicy): boolean {
  const { isOwnAuthority, isSlugPath = isShortUrlPath } = policy;
  return isOwnAuthority(authorityOf(url)) && isSlugPath(url.pathname);
}
