/**
 * Names of routes, and names that no route answers yet and that must stay free for one: pages and interfaces that a
 * shortener grows, and what browsers, crawlers and load balancers ask every host for. A list and not what the router
 * says, because redirects come before the router is there; a test asks for each of its routes.
 */
const RESERVED = `
  rest api graphql rpc mcp oauth oauth2 sso auth login logout signin signout signup register account settings
  admin dashboard manage docs openapi.json swagger swagger.json static assets public track qr-code preview
  metrics health healthz livez readyz ready live status ping version
  robots.txt humans.txt ads.txt app-ads.txt llms.txt security.txt sitemap.xml sitemap.xml.gz sitemap_index.xml
  favicon.ico favicon.png favicon.svg apple-touch-icon.png apple-touch-icon-precomposed.png browserconfig.xml
  manifest.json manifest.webmanifest site.webmanifest sw.js service-worker.js crossdomain.xml opensearch.xml
  apple-app-site-association .well-known .env .git index.html index.php
`;

const WORDS: ReadonlySet<string> = new Set(RESERVED.trim().split(/\s+/));

/** Whether this slug or generated code must not be given to a short URL, for its first segment, whatever its case. */
export function isReserved(code: string): boolean {
  return WORDS.has(fold(code.includes('/') ? firstSegment(code) : code));
}

function firstSegment(path: string): string {
  return path.replace(/^\//, '').split('/', 1)[0] ?? '';
}

function fold(word: string): string {
  return word.toLowerCase();
}
