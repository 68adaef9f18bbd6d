import { FieldReader } from '../lib/field-reader.ts';
import { type OwnAddresses, parseLongUrl } from '../short-urls/long-url.ts';
import { isAuthority, parseAuthority } from './authority.ts';

/** Redirects to change; those left out stay as they are, null resets. */
export interface RedirectChanges {
  readonly baseUrl?: string | null | undefined;
  readonly regular404?: string | null | undefined;
  readonly invalidShortUrl?: string | null | undefined;
}

export interface RedirectsEdition extends RedirectChanges {
  /** Null for the default domain. */
  readonly authority: string | null;
}

export interface RedirectsContext extends OwnAddresses {
  readonly defaultDomain: string;
}

/** The body of a request to set a domain's redirects. Errors: `invalid-data`. */
export function readRedirects(body: Readonly<Record<string, unknown>>, context: RedirectsContext): RedirectsEdition {
  const reader = new FieldReader(body);
  const domain = reader.read('domain', (value) => readDomain(value, context.defaultDomain));
  if (domain === undefined || domain === null) reader.refuse('domain');
  const authority = domain?.authority ?? null;
  const read = (name: string) => reader.read(name, (value) => readTarget(value, authority, context));
  const baseUrl = read('baseUrlRedirect')?.target;
  const regular404 = read('regular404Redirect')?.target;
  const invalidShortUrl = read('invalidShortUrlRedirect')?.target;
  reader.finish();
  const reset = (name: string, target: string | null | undefined) => (body[name] === null ? null : target);
  return {
    authority,
    baseUrl: reset('baseUrlRedirect', baseUrl),
    regular404: reset('regular404Redirect', regular404),
    invalidShortUrl: reset('invalidShortUrlRedirect', invalidShortUrl),
  };
}

function readDomain(value: unknown, defaultDomain: string): { readonly authority: string | null } | undefined {
  if (typeof value !== 'string') return undefined;
  if (isAuthority(value, defaultDomain)) return { authority: null };
  const authority = parseAuthority(value);
  return authority === undefined ? undefined : { authority };
}

/** Forms send an empty text for nothing. */
function readTarget(
  value: unknown,
  authority: string | null,
  { defaultDomain, isOwnAuthority, isSlugPath }: RedirectsContext,
): { readonly target: string | null } | undefined {
  if (typeof value === 'string' && value.trim() === '') return { target: null };
  const own = authority ?? defaultDomain;
  const result = parseLongUrl(value, {
    schemes: 'any',
    isOwnAuthority: (asked) => asked === own || isOwnAuthority(asked),
    isSlugPath,
  });
  return result.ok && !isBaseOf(own, result.longUrl) ? { target: result.longUrl } : undefined;
}

/** A domain's own base URL would lead in circles. */
function isBaseOf(authority: string, target: string): boolean {
  const url = URL.parse(target);
  return url !== null && url.pathname === '/' && isAuthority(url.host || '/', authority);
}
