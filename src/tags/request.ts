import { type Paging, readPaging } from '../http/paging.ts';
import { QueryParams } from '../http/query-params.ts';
import { FieldReader } from '../lib/field-reader.ts';
import { normaliseTag } from './tag.ts';

/** `tag` for both lists, the others for the one with statistics. */
export const TAG_ORDER_FIELDS = ['tag', 'shortUrlsCount', 'visits', 'nonBotVisits'] as const;
export type TagOrderField = (typeof TAG_ORDER_FIELDS)[number];

export interface TagOrder {
  readonly field: TagOrderField;
  readonly direction: 'asc' | 'desc';
}

export interface TagListRequest {
  readonly searchTerm: string | undefined;
  readonly order: TagOrder;
  readonly paging: Paging;
}

const BY_NAME: TagOrder = { field: 'tag', direction: 'asc' };

/** The query of a request for tags; without paging, all are asked for. Errors: `invalid-data`. */
export function readTagListRequest(url: string, fields: readonly TagOrderField[]): TagListRequest {
  const params = new QueryParams(url);
  const paging = readPaging(params, 'all');
  const searchTerm = params.text('searchTerm')?.trim() || undefined;
  const order = params.read('orderBy', (value) => parseOrder(value, fields)) ?? BY_NAME;
  params.finish();
  return { searchTerm, order, paging };
}

/** The names in the query of a request to delete tags; what can be no tag's name names none. */
export function readTagNames(url: string): string[] {
  const names = new QueryParams(url).list('tags', (value) => normaliseTag(value) ?? '');
  return [...new Set(names)].filter((name) => name !== '');
}

/** Names as they are kept. */
export interface TagRenaming {
  readonly oldName: string;
  readonly newName: string;
}

/** Errors: `invalid-data`. */
export function readTagRenaming(body: Readonly<Record<string, unknown>>): TagRenaming {
  const reader = new FieldReader(body);
  const read = (name: string): string => {
    const tag = reader.read(name, (value) => (typeof value === 'string' ? normaliseTag(value) : undefined));
    if (tag) return tag;
    reader.refuse(name);
    return '';
  };
  const renaming = { oldName: read('oldName'), newName: read('newName') };
  reader.finish();
  return renaming;
}

/** `tag`, `tag-ASC`, `tag-DESC`. */
function parseOrder(value: string, fields: readonly TagOrderField[]): TagOrder | undefined {
  const [name = '', direction = 'ASC', ...more] = value.split('-');
  const field = fields.find((known) => known === name);
  if (field === undefined || more.length > 0 || !/^(ASC|DESC)$/.test(direction)) return undefined;
  return { field, direction: direction === 'ASC' ? 'asc' : 'desc' };
}
