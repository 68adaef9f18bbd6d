import { AppError } from '../lib/errors.ts';

export interface OriginPolicy {
  /** Whether hop listens on this machine only: then a foreign name in Host means DNS rebinding. */
  readonly isLoopback: boolean;
  /** Whether this lower-case `host[:port]` is one of our domains. */
  readonly isOwnAuthority: (authority: string) => boolean;
}

const LOOPBACK_AUTHORITY = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * Whether a request without credentials may act here. A web page of somebody else can make its visitor's browser send
 * such a request to a hop that only that browser reaches (a trial on loopback, an intranet); browsers say so in
 * `Sec-Fetch-Site` and `Origin`, and a page that has rebound its own name to 127.0.0.1 shows in `Host`.
 * Errors: `cross-site-request`.
 */
export function requireSameSite(request: Request, policy: OriginPolicy): void {
  const { headers } = request;
  const host = headers.get('host')?.toLowerCase() ?? '';
  if (policy.isLoopback && !LOOPBACK_AUTHORITY.test(host) && !policy.isOwnAuthority(host)) {
    throw refused('This address answers requests for localhost only: use http://localhost, or an API key.');
  }
  if (headers.get('sec-fetch-site') === 'cross-site') throw refused(FOREIGN);
  const origin = headers.get('origin');
  if (origin !== null && !isOwnOrigin(origin, host, policy)) throw refused(FOREIGN);
}

const FOREIGN = 'Requests from other web sites need an API key.';

function isOwnOrigin(origin: string, host: string, { isOwnAuthority }: OriginPolicy): boolean {
  const authority = /^https?:\/\/(.+)$/.exec(origin.toLowerCase())?.[1];
  return authority !== undefined && (authority === host || isOwnAuthority(authority));
}

function refused(message: string): AppError {
  return new AppError('cross-site-request', message);
}
