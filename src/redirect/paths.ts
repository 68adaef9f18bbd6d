import type { Slugs } from '../codes/slugs.ts';

/** What to do with what stands behind a short code in a path: it makes it another path, goes to the target, or nothing. */
export type ExtraPathMode = 'default' | 'append' | 'ignore';

export interface PathOptions {
  readonly slugs: Pick<Slugs, 'decode' | 'fold'>;
  readonly isReserved: (path: string) => boolean;
  /** Whether `/code/` is `/code`. */
  readonly allowsTrailingSlash: boolean;
  readonly isMultiSegment: boolean;
  readonly extraPath: ExtraPathMode;
}

/** A short code that a path may mean. */
export interface Candidate {
  readonly shortCode: string;
  /** What to append to the target's path; mostly nothing. */
  readonly extraPath: string;
}

/** What a path means that is no known code by itself. */
export interface PathMeaning {
  /** The first of them that exists is meant. */
  readonly candidates: readonly Candidate[];
  readonly isPixel: boolean;
  /** What the path is when none exists. */
  readonly otherwise: 'invalidShortUrl' | 'regular404';
}

/** A path without its first `/` → what it means; undefined: it is the API's. */
export type PathReader = (path: string) => PathMeaning | undefined;

const PIXEL = '/track';
/** Slugs have no more slashes (`MAX_SEGMENTS`). */
const MAX_SLASHES = 16;

/**
 * Reads the paths that are in no cache; a hit does not come here, so that no setting costs it anything. RFC 3986: %61 is
 * a. What fits no slug has no candidates, and reaches neither cache nor database.
 */
export function createPathReader(options: PathOptions): PathReader {
  const { slugs, isReserved, allowsTrailingSlash, isMultiSegment, extraPath } = options;
  const slashesOf = isMultiSegment ? lastSlashesFirst : firstSlash;

  return (path) => {
    const asked = allowsTrailingSlash && path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    if (isReserved(asked)) return undefined;
    if (asked.endsWith(PIXEL)) {
      const code = asked.slice(0, -PIXEL.length);
      if (isMultiSegment || !code.includes('/')) return code === '' ? undefined : pixel(code);
    }
    const isSlugLike = isMultiSegment || !asked.includes('/');
    const candidates = isSlugLike ? candidatesOf(asked, '') : [];
    if (extraPath !== 'default') candidates.push(...withExtraPath(asked));
    if (!isSlugLike && candidates.length === 0) return undefined;
    return { candidates, isPixel: false, otherwise: isSlugLike ? 'invalidShortUrl' : 'regular404' };
  };

  function pixel(code: string): PathMeaning {
    return { candidates: candidatesOf(code, ''), isPixel: true, otherwise: 'invalidShortUrl' };
  }

  /** The longest slug wins. */
  function withExtraPath(path: string): Candidate[] {
    return slashesOf(path).flatMap((at) => {
      const extra = path.slice(at);
      return candidatesOf(path.slice(0, at), extraPath === 'ignore' || extra === '/' ? '' : extra);
    });
  }

  function candidatesOf(code: string, extra: string): Candidate[] {
    const asked = slugs.decode(code);
    if (asked === undefined) return [];
    const folded = { shortCode: slugs.fold(asked), extraPath: extra };
    // Or created before codes were folded: then it is found as it was written then.
    return folded.shortCode === asked ? [folded] : [folded, { shortCode: asked, extraPath: extra }];
  }
}

function firstSlash(path: string): number[] {
  const at = path.indexOf('/');
  return at > 0 ? [at] : [];
}

function lastSlashesFirst(path: string): number[] {
  const slashes: number[] = [];
  for (let at = path.indexOf('/'); at !== -1 && slashes.length < MAX_SLASHES; at = path.indexOf('/', at + 1)) {
    slashes.unshift(at);
  }
  return slashes;
}
