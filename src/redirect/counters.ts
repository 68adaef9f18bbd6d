/** What the hot path counts: plain numbers, a nanosecond each. */
export class RedirectCounters {
  /** Links found in memory, and those of them that had to be checked again. */
  hits = 0;
  stale = 0;
  /** Requests that waited for the database. */
  loads = 0;
  /** Codes known not to exist. */
  unknown = 0;

  // Answers:
  redirected = 0;
  baseUrl = 0;
  invalidShortUrl = 0;
  regular404 = 0;
  methodNotAllowed = 0;
  failed = 0;
  rateLimited = 0;
}
