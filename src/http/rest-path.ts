/**
 * Path and query of a request's URL. Without a Host that is one, Bun gives the target as it was sent; then `\` and `..`
 * are resolved here as elsewhere, or `x\..\shorten` would be judged as one path and routed as another.
 */
export function targetOf(url: string): string {
  return url.startsWith('/') ? resolved(url) : url.slice(url.indexOf('/', 'https://'.length));
}

function resolved(target: string): string {
  const { pathname, search } = new URL(`http://localhost${target}`);
  return pathname + search;
}

/** The target without its query. */
export function pathOf(target: string): string {
  const queryAt = target.indexOf('?');
  return queryAt === -1 ? target : target.slice(0, queryAt);
}

/** All versions are alike, so only the newest has routes. The health check is known without a version as well. */
export function currentVersion(target: string): string {
  return target.replace(/^\/rest\/(?:v[12]\/|(?=health\/?(?:\?|$)))/, '/rest/v3/');
}
