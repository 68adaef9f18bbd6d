import type { ShortUrlKey } from '../../short-urls/short-url.ts';
import type { Visibility } from '../../short-urls/visibility.ts';
import type { OrphanKind } from './visit.ts';

/** Which visits are meant, with everything that the database calls by an id, and no more than the API key may see. */
export type VisitSet =
  | OneShortUrl
  | { readonly of: 'all' }
  | { readonly of: 'domain'; readonly domainId: number }
  /** Those whose short URL had the tag when they were recorded: for statistics, no list can be made of them. */
  | { readonly of: 'tag'; readonly tagId: number }
  | ({ readonly of: 'some' } & ShortUrlChoice)
  | ({ readonly of: 'orphans' } & OrphanChoice)
  /** Nothing that there is, or nothing that may be seen. */
  | { readonly of: 'none' };

export interface OneShortUrl extends ShortUrlKey {
  readonly of: 'short-url';
  readonly shortUrlId: number;
}

/** Visits of the short URLs that have this now: no rollup is kept of these, so it is put together from theirs. */
export interface ShortUrlChoice {
  readonly visibility: Visibility;
  readonly tagId?: number | undefined;
  readonly domainId?: number | undefined;
}

export interface OrphanChoice {
  readonly kind?: OrphanKind | undefined;
  readonly site?: Site | undefined;
}

/** What was visited: requests under authorities that nobody knows belong to the default domain. */
export interface Site {
  readonly domainId: number;
  readonly authority: string;
}
