import { errorAnswer as errorPage } from '../http/page.ts';
import { AppError } from '../lib/errors.ts';
import * as answers from './answers.ts';
import { isPrefetch, type NotFoundKind } from './answers.ts';
import type { RedirectCounters } from './counters.ts';
import type { Domain, DomainDirectory } from './domains.ts';
import { appendPath, extend, unextended } from './extra-path.ts';
import { linkKey } from './key.ts';
import type { Admission, LimitGate } from './limits.ts';
import { type Conditions, isWithinDates, type Link } from './link.ts';
import type { Links } from './links.ts';
import type { Outcome } from './loader.ts';
import type { Candidate, PathMeaning, PathReader } from './paths.ts';
import { createPixel } from './pixel.ts';
import { cacheControl, type RedirectPolicy } from './policy.ts';
import { forwardQuery } from './query.ts';
import { type Rules, ruledLocation } from './rules.ts';
import type { ScanGuard } from './scans.ts';
import { Visitor, type VisitorFacts } from './visitor.ts';
import type { Visits } from './visits.ts';

export interface RedirectServices {
  readonly links: Links;
  readonly domains: DomainDirectory;
  readonly policy: RedirectPolicy;
  readonly limits: LimitGate;
  /** Whether a limited link has redirects left, without taking one: for HEAD. Undefined when the limit is gone. */
  readonly hasRedirectsLeft: (link: Link) => Promise<boolean | undefined>;
  /** What a path means that is in no cache. */
  readonly readPath: PathReader;
  readonly counters: RedirectCounters;
  /** null where visitors may ask for any number of unknown codes. */
  readonly scans: ScanGuard | null;
  /** null where nothing is tracked: then a hit costs nothing for it. */
  readonly visits: Visits | null;
  /** For links with rules. */
  readonly visitorFacts: VisitorFacts;
}

/** The answer, or undefined when the request is not for a short URL and goes to the API. */
export type RedirectHandler = (request: Request) => Response | Promise<Response> | undefined;

const AUTHORITY_AT = 'http://'.length;
const SLASH = 0x2f;

/**
 * The hot path. On a hit: no await, no URL parsed, no allocation but the key and the Response, and without tracking no
 * header read; what a visit's capture reads and costs is said there (visits/capture.ts).
 * What a hit may cost is asserted in test/unit/redirect-budget.test.ts.
 */
export function createRedirectHandler(services: RedirectServices): RedirectHandler {
  const { links, domains, policy, readPath, counters, visits, scans } = services;
  const { cache } = links;
  const pixel = createPixel(services);
  /** Requests whose link was loaded anew because of its limit: once is enough. */
  const reloading = new WeakSet<Request>();

  return function redirect(request) {
    const { url } = request;
    // Without a Host that is one (HTTP/1.0, `Host: a b`), Bun gives the bare path.
    const isBare = url.charCodeAt(0) === SLASH;
    const pathAt = isBare ? 1 : url.indexOf('/', AUTHORITY_AT + 1) + 1;
    const queryAt = url.indexOf('?', pathAt);
    const segment = queryAt === -1 ? url.slice(pathAt) : url.slice(pathAt, queryAt);
    const domain = domains.hasOthers && !isBare ? domains.of(url.slice(AUTHORITY_AT, pathAt - 1)) : domains.default;
    const key = linkKey(domain.domainId, segment);
    const link = cache.get(key);
    if (link === undefined) return miss({ request, domain, queryAt }, segment);
    return hit(request, domain, link, queryAt);
  };

  function hit(request: Request, domain: Domain, link: Link, queryAt: number) {
    touch(link, domain);
    return answer(request, domain, link, queryAt);
  }

  function touch(link: Link, domain: Domain): void {
    counters.hits++;
    if (link.loadedAtMs < cache.freshSinceMs) revalidate(link, domain);
    // Written only when it changes: a million links would otherwise have their cache lines dirtied by every hit.
    if (!link.wasVisited) link.wasVisited = true;
  }

  function revalidate(link: Link, domain: Domain): void {
    counters.stale++;
    links.revalidate(link, domain.domainId);
  }

  function answer(request: Request, domain: Domain, link: Link, queryAt: number): Response | Promise<Response> {
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD' && !policy.anyMethod) return methodNotAllowed(request, 'GET, HEAD');
    const location =
      queryAt !== -1 && link.forwardQuery ? forwardQuery(link.location, request.url.slice(queryAt + 1)) : link.location;
    if (link.conditions !== null) return conditional({ request, domain, queryAt }, link, link.conditions, location);
    counters.redirected++;
    if (visits !== null && method !== 'HEAD') visits.ofShortUrl(request, link, location);
    return new Response(null, { status: policy.status, headers: { location, 'cache-control': policy.cacheControl } });
  }

  function conditional(asked: Asked, link: Link, conditions: Conditions, plain: string) {
    const { request, domain } = asked;
    const nowMs = Date.now();
    if (!isWithinDates(conditions, nowMs)) return notFound(request, domain, 'invalidShortUrl');
    const { rules } = conditions;
    const location = (rules && ruled(asked, link, rules, nowMs)) ?? plain;
    if (conditions.maxVisits !== null) return limited(asked, link, location);
    if (request.method !== 'HEAD') visits?.ofShortUrl(request, link, location);
    // Nobody may keep a redirect beyond the time it is valid for.
    const maxAgeS = Math.min(policy.maxAgeS, Math.floor((conditions.validUntilMs - nowMs) / 1000));
    return rules === null
      ? redirectTo(location, cacheControl(policy.visibility, maxAgeS))
      : ruledRedirect(location, rules, maxAgeS);
  }

  /** Where a rule leads this visitor; undefined: to the long URL. */
  function ruled({ request, queryAt }: Asked, link: Link, rules: Rules, nowMs: number): string | undefined {
    const rawQuery = queryAt === -1 ? '' : request.url.slice(queryAt + 1);
    const target = ruledLocation(rules, new Visitor(request, rawQuery, services.visitorFacts, nowMs));
    if (target === undefined) return undefined;
    const location = appendPath(target, unextended(link).extraPath);
    return link.forwardQuery ? forwardQuery(location, rawQuery) : location;
  }

  /**
   * Never for shared caches: no header tells them of addresses and places, and many heed no Vary. A browser may keep
   * what depends on its own headers only.
   */
  function ruledRedirect(location: string, { vary, areFleeting }: Rules, maxAgeS: number): Response {
    const answer = redirectTo(location, cacheControl('private', areFleeting ? 0 : maxAgeS));
    if (vary !== '') answer.headers.set('vary', vary);
    return answer;
  }

  async function limited(asked: Asked, link: Link, location: string): Promise<Response> {
    const { request, domain } = asked;
    try {
      if (request.method !== 'HEAD' && isPrefetch(request)) return errorAnswer(request, PREFETCH_REFUSED);
      const admission = await admit(request, link);
      if (admission === 'outdated') return await reloaded(asked, link);
      if (admission === 'used-up') return notFound(request, domain, 'invalidShortUrl');
      if (request.method === 'HEAD') {
        counters.redirected++;
        return new Response(null, { headers: { 'cache-control': 'no-store' } });
      }
      visits?.ofShortUrl(request, link, location);
      return redirectTo(location, 'no-store');
    } catch (error) {
      return errorAnswer(request, asAppError(error));
    }
  }

  /** Whoever only looks learns whether the link still works, but not where it leads: that would cost a visit. */
  async function admit(request: Request, link: Link): Promise<Admission> {
    if (request.method !== 'HEAD') return services.limits.enter(link);
    const hasLeft = await services.hasRedirectsLeft(link);
    if (hasLeft === undefined) return 'outdated';
    return hasLeft ? 'granted' : 'used-up';
  }

  /** The limit was lifted, or the slug made anew, by a process whose change has not come here yet. */
  async function reloaded(asked: Asked, link: Link): Promise<Response> {
    const { request, domain } = asked;
    const { link: cached, extraPath } = unextended(link);
    const { domainId, shortCode } = cached;
    if (reloading.has(request)) return notFound(request, domain, 'invalidShortUrl');
    reloading.add(request);
    // Only the first who finds out, or all would make the load that is under way begin again.
    if (cache.get(linkKey(domain.domainId, shortCode)) === cached) links.forget(domainId, shortCode);
    return load(asked, [{ shortCode, extraPath }], 'invalidShortUrl');
  }

  function miss(asked: Asked, path: string): Response | Promise<Response> | undefined {
    const { request, domain } = asked;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (path === '') return isRead ? notFound(request, domain, 'baseUrl') : undefined;
    const meaning = readPath(path);
    if (meaning === undefined) return undefined;
    if (meaning.isPixel) return pixel(request, domain, meaning.candidates);
    if (!isRead && !policy.anyMethod) return methodNotAllowed(request, 'GET, HEAD');
    return find(asked, meaning);
  }

  function find(asked: Asked, { candidates, otherwise }: PathMeaning): Response | Promise<Response> {
    const { request, domain, queryAt } = asked;
    if (candidates.length === 0) return notFound(request, domain, otherwise);
    const candidate = firstOpen(domain, candidates);
    const link = candidate && cache.get(linkKey(domain.domainId, candidate.shortCode));
    if (candidate !== undefined && link !== undefined) {
      touch(link, domain);
      return answer(request, domain, extend(link, candidate.extraPath), queryAt);
    }
    const refused = scans?.refusal(request);
    if (refused !== undefined) {
      counters.rateLimited++;
      return refused;
    }
    if (candidate !== undefined) return load(asked, candidates, otherwise);
    counters.unknown++;
    scans?.count(request);
    return notFound(request, domain, otherwise);
  }

  /** The first that is not known not to exist. */
  function firstOpen({ domainId }: Domain, candidates: readonly Candidate[]): Candidate | undefined {
    for (const candidate of candidates) {
      if (!links.isUnknown(linkKey(domainId, candidate.shortCode))) return candidate;
    }
    return undefined;
  }

  function load(asked: Asked, candidates: readonly Candidate[], otherwise: NotFoundKind): Response | Promise<Response> {
    const { request, domain } = asked;
    if (!domains.isLoaded) return errorAnswer(request, NOT_READY);
    counters.loads++;
    return new Promise((resolve) => {
      const settle = (outcome: Outcome, { extraPath }: Candidate) =>
        resolve(loaded(asked, outcome, extraPath, otherwise));
      links.loadFirst(domain.domainId, candidates, settle);
    });
  }

  function loaded(asked: Asked, outcome: Outcome, extraPath: string, otherwise: NotFoundKind) {
    const { request, domain, queryAt } = asked;
    if (outcome === null) {
      scans?.count(request);
      return notFound(request, domain, otherwise);
    }
    if (outcome instanceof AppError) return errorAnswer(request, outcome);
    return answer(request, domain, extend(outcome, extraPath), queryAt);
  }

  function redirectTo(location: string, cacheControlValue: string): Response {
    counters.redirected++;
    return new Response(null, { status: policy.status, headers: { location, 'cache-control': cacheControlValue } });
  }

  function notFound(request: Request, domain: Domain, kind: NotFoundKind): Response {
    counters[kind]++;
    visits?.orphan(request, domain, kind);
    return answers.notFound(request, domain, kind);
  }

  function methodNotAllowed(request: Request, allowed: string): Response {
    counters.methodNotAllowed++;
    return answers.methodNotAllowed(request, allowed);
  }

  function errorAnswer(request: Request, error: AppError): Response {
    counters.failed++;
    return errorPage(request, error);
  }
}

interface Asked {
  readonly request: Request;
  readonly domain: Domain;
  readonly queryAt: number;
}

const NOT_READY = new AppError('database-unavailable', 'This server has not reached its database yet. Try again soon.');
const PREFETCH_REFUSED = new AppError('overloaded', 'This short URL is counted, so it is not followed in advance.');

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('database-unavailable', 'The database cannot answer at the moment. Try again soon.', {
    cause: error,
  });
}
