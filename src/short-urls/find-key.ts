import type { Slugs } from '../codes/slugs.ts';
import type { ShortUrlKey } from './short-url.ts';

/** The short URL that a request names by its code and domain; undefined when there can be none. */
export type FindKey = (code: string, domain: string | undefined) => Promise<ShortUrlKey | undefined>;

export interface FindKeyOptions {
  readonly slugs: Pick<Slugs, 'slugOf' | 'fold'>;
  /** The id of the domain that a request names; undefined when there is none. */
  readonly findDomain: (domain: string | undefined) => Promise<number | undefined>;
  readonly exists: (key: ShortUrlKey) => Promise<boolean>;
}

export function createFindKey({ slugs, findDomain, exists }: FindKeyOptions): FindKey {
  return async (code, domain) => {
    // What fits no slug must not reach the database.
    const shortCode = slugs.slugOf(code);
    const domainId = shortCode === undefined ? undefined : await findDomain(domain);
    if (shortCode === undefined || domainId === undefined) return undefined;
    const exact = { domainId, shortCode };
    const folded = { domainId, shortCode: slugs.fold(shortCode) };
    // One from before codes were folded comes first: it could not be named otherwise.
    return folded.shortCode === shortCode || (await exists(exact)) ? exact : folded;
  };
}
