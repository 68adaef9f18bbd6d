import { MAX_CODE_LENGTH, MIN_CODE_LENGTH } from '../codes/generator.ts';
import type { Slugs } from '../codes/slugs.ts';
import { isAuthority, parseAuthority } from '../domains/authority.ts';
import { FieldReader } from '../lib/field-reader.ts';
import { parseIsoDate } from '../lib/iso-date.ts';
import { normaliseTag } from '../tags/tag.ts';
import { type OwnAddresses, parseLongUrl } from './long-url.ts';
import type { EditShortUrl } from './service.ts';
import type { ShortUrlFields } from './short-url.ts';

/** What can be stored depends on who asks and on where we are. */
export interface FieldContext extends OwnAddresses {
  readonly slugs: Pick<Slugs, 'toSlug'>;
  readonly defaultDomain: string;
  readonly isReserved: (slug: string) => boolean;
  /** The only domain of who asks; the one sent then counts for nothing. */
  readonly ownDomain?: string | undefined;
}

/** What a client wants created, validated. Null where nothing was said, which matters to `findIfExists`. */
export interface Creation extends Required<ShortUrlFields> {
  readonly tags: readonly string[];
  /** The whole slug, with its prefix. */
  readonly customSlug: string | null;
  readonly pathPrefix: string;
  readonly findIfExists: boolean;
  /** Authority, null for the default domain. */
  readonly domain: string | null;
  readonly codeLength: number | null;
}

const MAX_TITLE_LENGTH = 512;
/** With any generated code behind it, a prefix is still a slug. */
const LONGEST_CODE = 'x'.repeat(MAX_CODE_LENGTH);

/** Reads the body of a create; nulls mean absent. Errors: `invalid-data` with every field that is wrong. */
export function readCreation(sent: Readonly<Record<string, unknown>>, context: FieldContext): Creation {
  const body = context.ownDomain === undefined ? sent : { ...sent, domain: context.ownDomain };
  const reader = new FieldReader(body);
  // No long URL may lead to the domain that this create makes ours.
  const isOwnAuthority = (authority: string) =>
    context.isOwnAuthority(authority) || authority === parseDomain(body.domain, context.defaultDomain);
  const longUrl = reader.read('longUrl', (value) => asTarget(value, { ...context, isOwnAuthority })) ?? '';
  if (longUrl === '') reader.refuse('longUrl');
  const shared = readShared(reader);
  const creation = {
    longUrl,
    validSince: shared.validSince ?? null,
    validUntil: shared.validUntil ?? null,
    maxVisits: shared.maxVisits ?? null,
    tags: shared.tags ?? [],
    title: shared.title ?? null,
    crawlable: shared.crawlable ?? false,
    forwardQuery: shared.forwardQuery ?? true,
    ...readSlug(reader, context),
    findIfExists: reader.read('findIfExists', asBoolean) ?? false,
    domain: reader.read('domain', (value) => parseDomain(value, context.defaultDomain)) ?? null,
    codeLength: reader.read('shortCodeLength', asCodeLength) ?? null,
  };
  reader.finish();
  return creation;
}

/** Reads the body of an edit; nulls reset. Errors: `invalid-data` with every field that is wrong. */
export function readEdition(body: Readonly<Record<string, unknown>>, context: FieldContext): EditShortUrl {
  const reader = new FieldReader(body);
  // There is nothing that a long URL could be reset to.
  const longUrl = reader.read('longUrl', (value) => asTarget(value, context)) ?? undefined;
  const { tags, crawlable, forwardQuery, ...shared } = readShared(reader);
  reader.finish();
  return {
    ...shared,
    longUrl,
    tags: tags === null ? [] : tags,
    crawlable: crawlable === null ? false : crawlable,
    forwardQuery: forwardQuery === null ? true : forwardQuery,
  };
}

/** The fields of creates and edits alike, in the order of the documents. */
function readShared(reader: FieldReader) {
  return {
    validSince: reader.read('validSince', asDate),
    validUntil: reader.read('validUntil', asDate),
    maxVisits: reader.read('maxVisits', asMaxVisits),
    tags: reader.read('tags', asTags),
    title: reader.read('title', asTitle),
    crawlable: reader.read('crawlable', asBoolean),
    forwardQuery: reader.read('forwardQuery', asBoolean),
  };
}

function readSlug(reader: FieldReader, { slugs: { toSlug }, isReserved }: FieldContext) {
  const own = reader.read('customSlug', (value) => asSlug(value, toSlug)) ?? null;
  const pathPrefix = reader.read('pathPrefix', (value) => asPathPrefix(value, toSlug)) ?? '';
  // No code behind it could make it good.
  if (pathPrefix.includes('/') && isReserved(pathPrefix)) reader.refuse('pathPrefix');
  if (own === null) return { customSlug: null, pathPrefix };
  const customSlug = toSlug(pathPrefix + own) ?? null;
  if (customSlug === null || isReserved(customSlug)) reader.refuse('customSlug');
  return { customSlug, pathPrefix };
}

function asSlug(value: unknown, toSlug: Slugs['toSlug']): string | undefined {
  return typeof value === 'string' ? toSlug(value) : undefined;
}

function asBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function asTarget(value: unknown, { isOwnAuthority, isSlugPath }: OwnAddresses): string | undefined {
  const result = parseLongUrl(value, { schemes: 'any', isOwnAuthority, isSlugPath });
  return result.ok ? result.longUrl : undefined;
}

function asDate(value: unknown): Date | undefined {
  return typeof value === 'string' ? parseIsoDate(value.trim()) : undefined;
}

function asMaxVisits(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined;
}

function asCodeLength(value: unknown): number | undefined {
  const length = Number.isInteger(value) ? Number(value) : 0;
  return length >= MIN_CODE_LENGTH && length <= MAX_CODE_LENGTH ? length : undefined;
}

/** In the order sent, each once. */
function asTags(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const tags = new Set<string>();
  for (const item of value) {
    const tag = typeof item === 'string' ? normaliseTag(item) : undefined;
    if (tag === undefined) return undefined;
    tags.add(tag);
  }
  return [...tags];
}

/** Trimmed and cut; nothing is null. Undefined for text that PostgreSQL cannot store. */
function asTitle(value: unknown): string | null | undefined {
  if (typeof value !== 'string' || !value.isWellFormed() || value.includes('\0')) return undefined;
  // By characters, so that none is cut in two.
  return [...value.trim().slice(0, 2 * MAX_TITLE_LENGTH)].slice(0, MAX_TITLE_LENGTH).join('').toWellFormed() || null;
}

/** As slugs are made: trimmed, blanks and slashes become hyphens. */
function asPathPrefix(value: unknown, toSlug: Slugs['toSlug']): string | undefined {
  const prefix = typeof value === 'string' ? value.trim() : undefined;
  if (prefix === undefined) return undefined;
  return toSlug(prefix + LONGEST_CODE)?.slice(0, -LONGEST_CODE.length);
}

/** The authority, null for the default domain. */
function parseDomain(value: unknown, defaultDomain: string): string | null | undefined {
  if (typeof value !== 'string') return undefined;
  return isAuthority(value, defaultDomain) ? null : parseAuthority(value);
}
