/**
 * Names that no route answers yet and that must stay free for one: pages and interfaces that a shortener grows,
 * and what browsers, crawlers and load balancers ask every host for.
 */
const KEPT_FOR_THE_FUTURE = `
  rest api graphql rpc mcp oauth oauth2 sso auth login logout signin signout signup register account settings
  admin dashboard manage docs openapi.json swagger swagger.json static assets public track qr-code preview
  metrics health healthz livez readyz ready live status ping version
  robots.txt humans.txt ads.txt app-ads.txt llms.txt security.txt sitemap.xml sitemap.xml.gz sitemap_index.xml
  favicon.ico favicon.png favicon.svg apple-touch-icon.png apple-touch-icon-precomposed.png browserconfig.xml
  manifest.json manifest.webmanifest site.webmanifest sw.js service-worker.js crossdomain.xml opensearch.xml
  apple-app-site-association .well-known .env .git index.html index.php
`;

export interface ReservedWords {
  /** Whether this slug or generated code must not be given to a short URL, for its first segment, whatever its case. */
  has(code: string): boolean;
}

/**
 * The reserved first segments: those of the router's paths (`/rest/v3/…`, `health`; parameters and wildcards name
 * nothing), so that a route added later is reserved by itself, and the names kept for the future.
 */
export function createReservedWords(fromRouter: Iterable<string>): ReservedWords {
  const words = new Set(KEPT_FOR_THE_FUTURE.trim().split(/\s+/));
  for (const path of fromRouter) {
    const word = firstSegment(path);
    if (!/^[:*]|^$/.test(word)) words.add(fold(word));
  }
  return { has: (code) => words.has(fold(code.includes('/') ? firstSegment(code) : code)) };
}

function firstSegment(path: string): string {
  return path.replace(/^\//, '').split('/', 1)[0] ?? '';
}

function fold(word: string): string {
  return word.toLowerCase();
}
