import { Elysia } from 'elysia';
import type { Config } from './config.ts';
import { docsController } from './docs/index.ts';
import { domainsController } from './domains/index.ts';
import { healthController } from './health/index.ts';
import { HealthCheck } from './health/service.ts';
import { ping } from './health/store.ts';
import type { Fetch } from './http/closing.ts';
import { problemPlugin } from './http/problem-plugin.ts';
import { createRest } from './http/rest.ts';
import { pathOf, targetOf } from './http/rest-path.ts';
import { createSegmentJoiner } from './http/rest-segments.ts';
import { AppError } from './lib/errors.ts';
import { LimitedApi } from './limited-api.ts';
import { mercureController } from './mercure/index.ts';
import { methodNotAllowed, notFound } from './redirect/answers.ts';
import { redirectRulesController } from './redirect-rules/index.ts';
import { robotsController } from './robots/index.ts';
import type { Services } from './services.ts';
import { notFoundSettings } from './settings.ts';
import {
  bulkController,
  listController,
  shortenController,
  shortUrlsController,
  singleStepController,
} from './short-urls/index.ts';
import { tagsController } from './tags/index.ts';
import {
  visitDeletionController,
  visitListsController,
  visitStatsController,
  visitsOverviewController,
} from './visits/index.ts';

/** The HTTP API, without the redirects and without what `createRest` puts around it. */
export function createApi(services: Services) {
  const { config, log } = services;
  const api =
    // Off, or a Host shorter than four characters is routed by the wrong part of the URL (elysiajs/elysia#748).
    new Elysia({ handler: { standardHostname: false } })
      .use(problemPlugin({ log, notFound: (request) => regular404(services, request) }))
      .use(
        shortenController({
          ...services,
          allowsAnonymous: config.ANONYMOUS_CREATE,
          maxBodyBytes: config.BODY_MAX_BYTES,
        }),
      )
      .all('/', ({ request }) => methodNotAllowed(request, 'GET, HEAD, POST'))
      .use(
        robotsController({
          ...services,
          allowsAll: config.ROBOTS_ALLOW_ALL_SHORT_URLS,
          userAgents: config.ROBOTS_USER_AGENTS,
        }),
      )
      .all('/robots.txt', ({ request }) => methodNotAllowed(request, 'GET, HEAD'))
      .use(restControllers(services));
  return api.use(docsController({ routes: () => api.routes }));
}

/** For visitors: what asks below `/rest` is a program. */
function regular404({ counters, domains, visits }: Services, request: Request): Response {
  const domain = domains.ofRequest(request);
  counters.regular404++;
  if (!/^\/rest(\/|$)/.test(pathOf(targetOf(request.url)))) visits?.orphan(request, domain, 'regular404');
  return notFound(request, domain, 'regular404');
}

/** The REST API. OPTIONS tells methods in this order, so what reads stands before what writes; so does the documentation. */
function restControllers(services: Services) {
  const { config, database, isReady } = services;
  return new Elysia({ name: 'rest' })
    .use(
      healthController({
        health: new HealthCheck({ ping: () => ping(database), isReady }),
        docsUrl: `${baseUrl(config)}/rest/docs`,
      }),
    )
    .use(listController(services))
    .use(shortUrlsController(services))
    .use(bulkController(services))
    .use(singleStepController(services))
    .use(
      redirectRulesController({
        ...services,
        ownAddresses: services.fields,
        knowsCities: config.GEOIP_DATABASE !== undefined,
      }),
    )
    .use(tagsController(services))
    .use(
      domainsController({
        ...services.fields,
        domains: services.domainService,
        apiKeys: services.apiKeys,
        defaultRedirects: notFoundSettings(config),
      }),
    )
    .use(visitsOverviewController(services))
    .use(visitListsController(services))
    .use(visitStatsController(services))
    .use(visitDeletionController(services))
    .use(mercureController(services));
}

/** Everything that hop answers, except short URLs. */
export function createApiFetch(services: Services): Fetch {
  const { config, isReady } = services;
  const api = createApi(services).compile();
  const answerApi = api.fetch;
  const limited = new LimitedApi({
    ...services,
    limits: services.rateLimits,
    onRefused: (name) => services.api.refuse(name),
  });
  const rest = createRest({
    routes: api.routes,
    joinSegments: config.MULTI_SEGMENT_SLUGS_ENABLED ? createSegmentJoiner(api.routes) : undefined,
    answer: answerApi,
    allowedOrigin: config.CORS_ALLOW_ORIGIN,
    maxBodyBytes: config.BODY_MAX_BYTES,
    limited: (request, answer) => limited.rest(request, answer),
    refusal: (path) => (isReady() || NEEDS_NO_DATABASE.test(path) ? undefined : NOT_READY),
  });
  return (request) => {
    const begunAtMs = performance.now();
    return services.api.watch(rest(request) ?? otherwise(request), begunAtMs);
  };

  function otherwise(request: Request): Response | Promise<Response> {
    const answer = () => answerApi(withAbsoluteUrl(request));
    const isCreate = request.method === 'POST' && pathOf(targetOf(request.url)) === '/';
    return isCreate ? limited.shorten(request, answer) : answer();
  }
}

/** Until the database has been reached there may be no schema yet. */
const NOT_READY = new AppError('database-unavailable', 'This server has not reached its database yet. Try again soon.');
const NEEDS_NO_DATABASE = /^\/rest\/(v3\/health|docs)(\/|$)/;

function baseUrl({ IS_HTTPS_ENABLED, DEFAULT_DOMAIN }: Config): string {
  return `${IS_HTTPS_ENABLED ? 'https' : 'http'}://${DEFAULT_DOMAIN}`;
}

/** Without a Host that is one, Bun gives the bare path as URL, in which Elysia would look for the path behind a host. */
function withAbsoluteUrl(request: Request): Request {
  return request.url.startsWith('/') ? new Request(`http://localhost${request.url}`, request) : request;
}
