import { type Paging, readPaging } from '../http/paging.ts';
import { QueryParams } from '../http/query-params.ts';
import { normaliseTag } from '../tags/tag.ts';

export type TagsMode = 'any' | 'all';

/** What a client asks for, in its own words: names, not ids. */
export interface ListFilter {
  readonly searchTerm: string | undefined;
  readonly tags: readonly string[];
  readonly tagsMode: TagsMode;
  readonly excludeTags: readonly string[];
  readonly excludeTagsMode: TagsMode;
  readonly startDate: Date | undefined;
  readonly endDate: Date | undefined;
  readonly excludeMaxVisitsReached: boolean;
  readonly excludePastValidUntil: boolean;
  /** An authority as it was given, or `DEFAULT`. */
  readonly domain: string | undefined;
  readonly apiKeyName: string | undefined;
}

export interface ListOrder {
  readonly field: OrderField;
  readonly direction: 'asc' | 'desc';
}

export interface ListRequest {
  readonly filter: ListFilter;
  readonly order: ListOrder;
  readonly paging: Paging;
}

export const ORDER_FIELDS = ['longUrl', 'shortCode', 'dateCreated', 'title', 'visits', 'nonBotVisits'] as const;
export type OrderField = (typeof ORDER_FIELDS)[number];

const ITEMS_PER_PAGE = 10;
const NEWEST_FIRST: ListOrder = { field: 'dateCreated', direction: 'desc' };
const TAGS_MODES = ['any', 'all'] as const;

/** The query of a request for a list of short URLs. Errors: `invalid-data`, naming parameters in the documents' order. */
export function readListRequest(url: string): ListRequest {
  const params = new QueryParams(url);
  const paging = readPaging(params, ITEMS_PER_PAGE);
  const searchTerm = params.text('searchTerm')?.trim() || undefined;
  const tags = readTags(params, 'tags');
  const excludeTags = readTags(params, 'excludeTags');
  const order = params.read('orderBy', parseOrder) ?? NEWEST_FIRST;
  const filter = { searchTerm, ...tags, ...excludeTags, ...readBounds(params) };
  params.finish();
  return { filter, order, paging };
}

/** `tags` with `tagsMode`, or `excludeTags` with `excludeTagsMode`. */
function readTags<Name extends 'tags' | 'excludeTags'>(params: QueryParams, name: Name) {
  const tags = params.list(name, normaliseTag);
  const mode = params.oneOf(`${name}Mode`, TAGS_MODES) ?? 'any';
  return { [name]: [...new Set(tags)], [`${name}Mode`]: mode } as Record<Name, string[]> &
    Record<`${Name}Mode`, TagsMode>;
}

function readBounds(params: QueryParams) {
  return {
    startDate: params.date('startDate'),
    endDate: params.date('endDate'),
    excludeMaxVisitsReached: params.boolean('excludeMaxVisitsReached') ?? false,
    excludePastValidUntil: params.boolean('excludePastValidUntil') ?? false,
    domain: params.text('domain'),
    apiKeyName: params.text('apiKeyName'),
  };
}

/** `title`, `title-ASC`, `title-DESC`. */
function parseOrder(value: string): ListOrder | undefined {
  const [name = '', direction = 'ASC', ...more] = value.split('-');
  const field = ORDER_FIELDS.find((known) => known === name);
  if (field === undefined || more.length > 0 || !/^(ASC|DESC)$/.test(direction)) return undefined;
  return { field, direction: direction === 'ASC' ? 'asc' : 'desc' };
}
