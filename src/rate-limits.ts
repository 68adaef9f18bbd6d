import { errorAnswer } from './http/page.ts';
import { RateLimit, rateLimitHeaders, tooManyRequests } from './http/rate-limit.ts';
import type { ScanGuard } from './redirect/scans.ts';
import { VisitorKeys } from './visits/visitor-keys.ts';
import type { PeerOf } from './visits/visitors.ts';

export interface RateLimitSettings {
  readonly unknownCodes: number;
  readonly anonymousCreates: number;
  readonly apiKey: number;
  readonly invalidApiKeys: number;
  readonly trustedProxies: readonly string[];
}

/** What a client may do in a minute, by this process. */
export interface RateLimits {
  /** Of a visitor: requests for short codes that do not exist. */
  readonly unknownCodes: RateLimit;
  /** Of a visitor: creates without an API key. */
  readonly anonymousCreates: RateLimit;
  /** Of an API key: requests. */
  readonly apiKey: RateLimit;
  /** Of a visitor: requests with API keys that are not valid. */
  readonly invalidApiKeys: RateLimit;
  /** What a visitor is counted as; undefined: is not limited. */
  readonly visitor: (request: Request) => string | undefined;
}

export function createRateLimits(settings: RateLimitSettings, peerOf: PeerOf): RateLimits {
  const visitors = new VisitorKeys(settings.trustedProxies, peerOf);
  return {
    unknownCodes: new RateLimit('unknown-codes', settings.unknownCodes),
    anonymousCreates: new RateLimit('anonymous-creates', settings.anonymousCreates),
    apiKey: new RateLimit('api-key', settings.apiKey),
    invalidApiKeys: new RateLimit('invalid-api-keys', settings.invalidApiKeys),
    visitor: (request) => visitors.of(request),
  };
}

/** Only codes that turn out not to exist count, so that no number of links that are not in memory yet is too many. */
export function createScanGuard({ unknownCodes, visitor }: RateLimits): ScanGuard | null {
  if (unknownCodes.quota === 0) return null;
  return {
    refusal(request) {
      if (!unknownCodes.isAnyExceeded) return undefined;
      const standing = unknownCodes.exceeded(visitor(request) ?? '');
      return standing && errorAnswer(request, tooManyRequests(standing), rateLimitHeaders(standing));
    },
    count(request) {
      const client = visitor(request);
      if (client !== undefined) void unknownCodes.take(client);
    },
  };
}
