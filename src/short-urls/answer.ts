import type { ShortUrl } from './short-url.ts';

/** A short URL as REST API v3 answers it. Clients count on exactly these members. */
export interface ShortUrlAnswer {
  readonly shortCode: string;
  readonly shortUrl: string;
  readonly longUrl: string;
  readonly dateCreated: string;
  readonly visitsSummary: { readonly total: number; readonly nonBots: number; readonly bots: number };
  readonly tags: readonly string[];
  readonly meta: {
    readonly validSince: string | null;
    readonly validUntil: string | null;
    readonly maxVisits: number | null;
  };
  readonly domain: string | null;
  readonly title: string | null;
  readonly crawlable: boolean;
  readonly forwardQuery: boolean;
  readonly hasRedirectRules: boolean;
}

/** @param address what `Services.urlOf` says of it */
export function shortUrlAnswer(shortUrl: ShortUrl, address: string): ShortUrlAnswer {
  const { shortCode, longUrl, tags, domain, title, crawlable, forwardQuery, hasRedirectRules, visits } = shortUrl;
  return {
    shortCode,
    shortUrl: address,
    longUrl,
    dateCreated: isoDate(shortUrl.createdAt),
    visitsSummary: { total: visits.bots + visits.nonBots, nonBots: visits.nonBots, bots: visits.bots },
    tags,
    meta: {
      validSince: shortUrl.validSince && isoDate(shortUrl.validSince),
      validUntil: shortUrl.validUntil && isoDate(shortUrl.validUntil),
      maxVisits: shortUrl.maxVisits,
    },
    domain,
    title,
    crawlable,
    forwardQuery,
    hasRedirectRules,
  };
}

/** To the second, in UTC, as PHP's DATE_ATOM writes it: `2026-11-23T10:00:00+00:00`. */
export function isoDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}+00:00`;
}
