import { Elysia, t } from 'elysia';
import { problemPlugin } from '../../src/http/problem-plugin.ts';
import { createRest, type RestOptions } from '../../src/http/rest.ts';
import { listen } from '../../src/http/server.ts';
import { AppError } from '../../src/lib/errors.ts';
import { createLogger } from '../../src/observability/log.ts';

export const MAX_BODY_BYTES = 64 * 1024;

/** A few routes in the frame of the REST API, on a real port. */
export interface RestStage extends AsyncDisposable {
  readonly port: number;
  /** Lines of the log, parsed. */
  readonly logged: Record<string, unknown>[];
  /** A request below `/rest/`. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** A request with a body, JSON if nothing else is said. */
  send(method: string, path: string, body: Bun.BodyInit, headers?: Record<string, string>): Promise<Response>;
}

export function startRestStage(options: Partial<RestOptions> = {}): RestStage {
  const logged: Record<string, unknown>[] = [];
  const log = createLogger('info', (line) => logged.push(JSON.parse(line)));
  const api = routes(log).compile();
  const rest = createRest({
    routes: api.routes,
    answer: api.fetch,
    allowedOrigin: '*',
    maxBodyBytes: MAX_BODY_BYTES,
    refusal: () => undefined,
    ...options,
  });
  const server = listen({
    hostname: '127.0.0.1',
    port: 0,
    maxBodyBytes: MAX_BODY_BYTES,
    log,
    fetch: (request) => rest(request) ?? new Response('not below /rest/'),
  });
  const request = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${server.port}${path}`, init);
  return {
    port: server.port ?? 0,
    logged,
    request,
    send: (method, path, body, headers = { 'content-type': 'application/json' }) =>
      request(path, { method, body, headers }),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

const Thing = t.Object({
  size: t.Optional(t.Integer({ minimum: 0 })),
  name: t.String({ minLength: 1 }),
  parts: t.Optional(t.Array(t.Object({ weight: t.Number() }))),
});

function routes(log: ReturnType<typeof createLogger>) {
  return new Elysia({ handler: { standardHostname: false } })
    .use(problemPlugin({ log, notFound: () => new Response('the router knows no such route', { status: 404 }) }))
    .use(
      new Elysia({ prefix: '/rest/v3' })
        .get('/health', () => 'well')
        .get('/things', ({ query }) => query, { query: t.Object({ page: t.Optional(t.Numeric()) }) })
        .post('/things', ({ body }) => body, { parse: 'json', body: Thing })
        .delete('/things/:name', ({ params }) => params)
        .get('/things/:name', ({ params }) => params)
        .patch('/things/:name', ({ body }) => body as object, { parse: 'json' })
        .get('/things/all', () => 'all of them')
        .get('/things/:name/parts/:part', ({ params }) => params)
        .get('/seen', ({ request }) => ({ url: request.url, method: request.method }))
        .get('/broken', () => {
          throw new Error('a secret of ours');
        })
        .get('/refused', () => {
          throw new AppError('invalid-api-key', 'Not with this key.');
        })
        .get('/misfit', () => JSON.parse('{"name":"a secret of ours","size":"none"}'), { response: Thing }),
    );
}
