import { decodeSegment, MAX_SLUG_LENGTH, slugOf, toSlug } from './grammar.ts';

/** How an installation reads short codes and slugs; chosen at start, so that no request asks for the settings. */
export interface Slugs {
  /** The path as it came in, without the first `/` → the slug it names; undefined where no short URL can be. */
  readonly decode: (raw: string) => string | undefined;
  /** The same for text that is decoded already. */
  readonly slugOf: (text: string) => string | undefined;
  /** A custom slug as its author wrote it → the slug to create, as it is to be stored. */
  readonly toSlug: (custom: string) => string | undefined;
  /** A slug → the one that it is stored under, unless it was created before codes were folded. */
  readonly fold: (slug: string) => string;
}

export interface SlugOptions {
  /** Codes are the same whatever the case of their letters from A to Z. */
  readonly isLoose: boolean;
  /** Slugs may have slashes within. */
  readonly isMultiSegment: boolean;
}

/** A path of so many segments may have to be looked up in as many ways. */
export const MAX_SEGMENTS = 16;

/** `/{slug}/track` is the tracking pixel. */
const RESERVED_LAST_SEGMENT = 'track';

export function createSlugs({ isLoose, isMultiSegment }: SlugOptions): Slugs {
  const grammar = isMultiSegment ? MULTI_SEGMENT : SINGLE_SEGMENT;
  if (!isLoose) return { ...grammar, fold: (slug) => slug };
  return {
    ...grammar,
    toSlug(custom) {
      const slug = grammar.toSlug(custom);
      return slug === undefined ? undefined : foldCode(slug);
    },
    fold: foldCode,
  };
}

/** Only A to Z, as Shlink does it, and as PostgreSQL's `lower` does it with codes, whose collation is "C". */
function foldCode(code: string): string {
  return code.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

type Grammar = Omit<Slugs, 'fold'>;

const SINGLE_SEGMENT: Grammar = { decode: decodeSegment, slugOf, toSlug };

const MULTI_SEGMENT: Grammar = {
  // Each by itself, so that an encoded slash is none here either.
  decode: (raw) => join(raw.split('/', MAX_SEGMENTS + 1).map(decodeSegment)),
  slugOf: (text) => join(text.split('/', MAX_SEGMENTS + 1).map(slugOf)),
  toSlug: (custom) =>
    MULTI_SEGMENT.slugOf(
      custom
        .trim()
        .replaceAll(' ', '-')
        .replace(/^\/+|\/+$/g, ''),
    ),
};

function join(segments: readonly (string | undefined)[]): string | undefined {
  if (segments.length > MAX_SEGMENTS || segments.includes(undefined)) return undefined;
  const isPixel = segments.length > 1 && segments.at(-1)?.toLowerCase() === RESERVED_LAST_SEGMENT;
  const slug = segments.join('/');
  return isPixel || slug.length > MAX_SLUG_LENGTH ? undefined : slug;
}
