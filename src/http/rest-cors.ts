/** How long browsers may keep the answer to a preflight. */
const PREFLIGHT_MAX_AGE_S = 3600;
const EVERY_METHOD = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Names of header fields, comma-separated: anything else must not be echoed into a header (RFC 9110, 5.6.2). */
const FIELD_NAMES = /^[\w!#$%&'*+.^`|~, -]{1,4096}$/;

/**
 * Lets pages of other origins read the answer. API keys travel in a header that such a page has to know, never in a
 * cookie, so that `*` gives nothing away. A request without Origin is none of a page's and gets nothing.
 */
export function allowOrigin(request: Request, headers: Headers, origin: string): void {
  if (request.headers.has('origin')) headers.set('access-control-allow-origin', origin);
}

/** OPTIONS: what the path can do; for a page that asks in advance (Fetch, "CORS-preflight request") with more to it. */
export function optionsAnswer(request: Request, methods: readonly string[] | undefined): Response | undefined {
  const isPreflight = request.headers.has('origin');
  // A refused preflight hides the 404 of the request itself from the page.
  if (methods === undefined && !isPreflight) return undefined;
  const allowed = (methods ?? EVERY_METHOD).join(',');
  const headers = new Headers(methods === undefined ? {} : { allow: allowed });
  if (isPreflight) addPreflight(request, headers, allowed);
  return new Response(null, { status: 204, headers });
}

function addPreflight(request: Request, headers: Headers, allowed: string): void {
  headers.set('access-control-allow-methods', allowed);
  headers.set('access-control-max-age', String(PREFLIGHT_MAX_AGE_S));
  const asked = request.headers.get('access-control-request-headers');
  if (asked !== null && FIELD_NAMES.test(asked)) headers.set('access-control-allow-headers', asked);
}
