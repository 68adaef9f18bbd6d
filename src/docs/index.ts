import { Elysia } from 'elysia';
import styles from 'swagger-ui-dist/swagger-ui.css' with { type: 'file' };
import swaggerUi from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'file' };
import { type DocumentedRoute, openApiDocument } from './openapi.ts';
import { DOCS_PATH, FAVICON, PAGE, PAGE_HEADERS, SCRIPT } from './page.ts';

export interface DocsOptions {
  /** All routes; asked for once they are wanted, for the last is registered after these here. */
  readonly routes: () => readonly DocumentedRoute[];
}

/** Long enough for a visit, short enough for an upgrade. */
const CACHE_FOR_S = 3600;

/** `/rest/docs`: the REST API described for people, and at `/rest/docs/json` as OpenAPI for programs. No key needed. */
export function docsController({ routes }: DocsOptions) {
  let openApi: string | undefined;

  return new Elysia({ name: 'docs', prefix: DOCS_PATH, detail: { hide: true } })
    .get('/', () => new Response(PAGE, { headers: PAGE_HEADERS }))
    .get('/json', () => {
      openApi ??= JSON.stringify(openApiDocument(routes()));
      return new Response(openApi, { headers: { 'content-type': 'application/json' } });
    })
    .get('/page.js', () => asset(SCRIPT, 'text/javascript; charset=utf-8'))
    .get('/favicon.svg', () => asset(FAVICON, 'image/svg+xml'))
    .get('/swagger-ui.js', () => asset(Bun.file(swaggerUi), 'text/javascript; charset=utf-8'))
    .get('/swagger-ui.css', () => asset(Bun.file(styles), 'text/css; charset=utf-8'));
}

function asset(content: string | Blob, type: string): Response {
  return new Response(content, {
    headers: {
      'content-type': type,
      'cache-control': `public, max-age=${CACHE_FOR_S}`,
      'x-content-type-options': 'nosniff',
    },
  });
}
