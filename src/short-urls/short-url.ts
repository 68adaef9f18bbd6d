/** A short URL as the API knows it. */
export interface ShortUrl {
  readonly shortUrlId: number;
  readonly domainId: number;
  /** The authority of its domain, null for the default one. */
  readonly domain: string | null;
  readonly shortCode: string;
  readonly longUrl: string;
  /** Alphabetically, but in the order sent right after creation. */
  readonly tags: readonly string[];
  readonly title: string | null;
  readonly crawlable: boolean;
  readonly forwardQuery: boolean;
  readonly validSince: Date | null;
  readonly validUntil: Date | null;
  readonly maxVisits: number | null;
  readonly createdAt: Date;
  readonly hasRedirectRules: boolean;
  readonly visits: VisitTotals;
}

/** Visits recorded so far. */
export interface VisitTotals {
  readonly nonBots: number;
  readonly bots: number;
}

/** What an author decides about a short URL, validated. */
export interface ShortUrlFields {
  readonly longUrl: string;
  readonly title?: string | null;
  readonly crawlable?: boolean;
  readonly forwardQuery?: boolean;
  readonly validSince?: Date | null;
  readonly validUntil?: Date | null;
  readonly maxVisits?: number | null;
}

/** Fields to change; those left out stay as they are, null resets. */
export type ShortUrlPatch = { readonly [Field in keyof ShortUrlFields]?: ShortUrlFields[Field] | undefined };

/** Names a short URL: the unique key. */
export interface ShortUrlKey {
  readonly domainId: number;
  readonly shortCode: string;
}

/** A short URL about to be inserted. */
export interface NewShortUrl extends ShortUrlKey, ShortUrlFields {
  /** Made by us for each create, so that a statement sent again recognises its own rows. */
  readonly createId: string;
  readonly authorApiKeyId?: number | null;
  /** The authority of the domain, null for the default one. */
  readonly domain?: string | null;
  /** Normalised, different from each other. */
  readonly tags?: readonly string[] | undefined;
  /** Their ids. */
  readonly tagIds?: readonly number[] | undefined;
  /** Under which claim it is created; where that was lost to somebody else, it is not. */
  readonly claim?: Claim | undefined;
}

/** A create that happens once (`Idempotency-Key`), as this process has claimed it. */
export interface Claim {
  readonly apiKeyId: number;
  readonly idempotencyKey: string;
  /** Position in a bulk, else 0. */
  readonly item: number;
  /** Also the create id of its short URL. */
  readonly createId: string;
}

/** A short URL right after its creation. */
export function asCreated(item: NewShortUrl, row: Pick<ShortUrl, 'shortUrlId' | 'createdAt'>): ShortUrl {
  return {
    shortUrlId: row.shortUrlId,
    createdAt: row.createdAt,
    domainId: item.domainId,
    domain: item.domain ?? null,
    tags: item.tags ?? [],
    hasRedirectRules: false,
    visits: { nonBots: 0, bots: 0 },
    shortCode: item.shortCode,
    longUrl: item.longUrl,
    title: item.title ?? null,
    crawlable: item.crawlable ?? false,
    forwardQuery: item.forwardQuery ?? true,
    validSince: item.validSince ?? null,
    validUntil: item.validUntil ?? null,
    maxVisits: item.maxVisits ?? null,
  };
}
