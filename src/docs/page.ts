/** Where everything of the documentation lies. Two segments, so that no short code can ever take its place. */
export const DOCS_PATH = '/rest/docs';

/**
 * Everything comes from here: nothing is asked of a CDN, and no script stands in the page itself.
 * Swagger UI sets styles of single elements while it works, and its icons are data URLs.
 */
const SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>hop: REST API</title>
<link rel="icon" href="${DOCS_PATH}/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${DOCS_PATH}/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="${DOCS_PATH}/swagger-ui.js"></script>
<script src="${DOCS_PATH}/page.js"></script>
</html>
`;

/** `validatorUrl`: Swagger UI would show the description's address to somebody else's validator. */
export const SCRIPT = `SwaggerUIBundle({
  url: '${DOCS_PATH}/json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
});
`;

/** A hop from one point to another. Browsers would else ask for /favicon.ico, which might be a short URL. */
export const FAVICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#2563eb"/>
<path d="M6 23a10 10 0 0 1 20 0" fill="none" stroke="#fff" stroke-width="3.5" stroke-linecap="round"/>
<circle cx="6" cy="23" r="3" fill="#fff"/><circle cx="26" cy="23" r="3" fill="#fff"/>
</svg>
`;
