import { errorAnswer } from '../http/page.ts';
import { AppError } from '../lib/errors.ts';
import type { Domain, NotFoundRedirects } from './domains.ts';
import { notFoundLocation } from './placeholders.ts';

/** Shown to visitors for every short URL that leads nowhere, whether it never was or is no more: they cannot tell. */
const NO_SUCH_SHORT_URL = new AppError('not-found', 'This short URL does not exist, or is not valid any more.');
const NO_SUCH_PAGE = new AppError('not-found', 'There is nothing at this address.');

/** `invalidShortUrl`: looks like a short code but is none; `regular404`: anything else; `baseUrl`: the bare domain. */
export type NotFoundKind = keyof NotFoundRedirects;

/** The answer for who hit no short URL: where the domain sends such visitors, else 404. */
export function notFound(request: Request, domain: Domain, kind: NotFoundKind): Response {
  const target = domain[kind];
  if (target !== null) {
    return new Response(null, {
      status: 302,
      headers: { location: notFoundLocation(target, request.url), 'cache-control': 'private, max-age=0' },
    });
  }
  return errorAnswer(request, kind === 'invalidShortUrl' ? NO_SUCH_SHORT_URL : NO_SUCH_PAGE);
}

export function methodNotAllowed(request: Request, allowed: string): Response {
  const error = new AppError('method-not-allowed', `This address answers ${allowed} only.`);
  return errorAnswer(request, error, { allow: allowed });
}

/** A Location of the redirect kind that is asked for in advance (RFC 9110 has no word for it; browsers send these). */
export function isPrefetch(request: Request): boolean {
  const purpose = request.headers.get('sec-purpose') ?? request.headers.get('purpose');
  return purpose?.startsWith('prefetch') ?? false;
}
