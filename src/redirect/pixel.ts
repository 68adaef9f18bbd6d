import { AppError } from '../lib/errors.ts';
import { isPrefetch, methodNotAllowed } from './answers.ts';
import type { Domain } from './domains.ts';
import { linkKey } from './key.ts';
import type { Admission, LimitGate } from './limits.ts';
import { isWithinDates, type Link } from './link.ts';
import type { Coded, Links } from './links.ts';
import type { Outcome } from './loader.ts';
import type { ScanGuard } from './scans.ts';
import type { Visits } from './visits.ts';

export interface PixelServices {
  readonly links: Links;
  readonly limits: LimitGate;
  readonly visits: Visits | null;
  readonly scans: ScanGuard | null;
}

/** @param codes the first that exists is meant; none where the path names no slug */
export type Pixel = (request: Request, domain: Domain, codes: readonly Coded[]) => Response | Promise<Response>;

/**
 * `/{code}/track`: an image of one transparent pixel, whose request is a visit of that short URL, for mails and pages
 * of others. As in Shlink the image comes in any case, and a visit of an unknown, expired or used-up short URL is none;
 * one of a short URL with maxVisits uses up one of its redirects.
 */
export function createPixel({ links, limits, visits, scans }: PixelServices): Pixel {
  return (request, domain, codes) => {
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed(request, 'GET, HEAD');
    if (visits === null || codes.length === 0 || method === 'HEAD' || isPrefetch(request)) return image();
    return record(visits, request, domain, codes).then(image, image);
  };

  async function record(visits: Visits, request: Request, { domainId }: Domain, codes: readonly Coded[]) {
    // Twice at most: a link whose limit was lifted elsewhere is loaded anew.
    for (let tries = 0; tries < 2; tries++) {
      const link = await find(request, domainId, codes);
      if (link === undefined) return;
      if (link.loadedAtMs < links.cache.freshSinceMs) links.revalidate(link, domainId);
      const admission = await admit(link);
      if (admission === 'granted') return visits.ofShortUrl(request, link, '');
      if (admission === 'used-up') return;
      if (links.cache.get(linkKey(domainId, link.shortCode)) === link) links.forget(link.domainId, link.shortCode);
    }
  }

  async function admit(link: Link): Promise<Admission> {
    const { conditions } = link;
    if (conditions === null) return 'granted';
    if (!isWithinDates(conditions, Date.now())) return 'used-up';
    return conditions.maxVisits === null ? 'granted' : limits.enter(link);
  }

  async function find(request: Request, domainId: number, codes: readonly Coded[]): Promise<Link | undefined> {
    const known = links.cache.get(linkKey(domainId, codes[0]?.shortCode ?? ''));
    if (known !== undefined) return known;
    // Who tries codes out learns nothing here, but must not cost lookups either.
    if (scans?.refusal(request) !== undefined) return undefined;
    const outcome = await load(domainId, codes);
    if (outcome === null) scans?.count(request);
    return outcome === null || outcome instanceof AppError ? undefined : outcome;
  }

  function load(domainId: number, codes: readonly Coded[]): Promise<Outcome> {
    return new Promise((resolve) => links.loadFirst(domainId, codes, resolve));
  }
}

/** GIF89a, 1 × 1, transparent. */
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

function image(): Response {
  return new Response(GIF, { headers: { 'content-type': 'image/gif', 'cache-control': 'no-store' } });
}
