import { type Static, Type } from '@sinclair/typebox';
import type { QueryParams } from './query-params.ts';

/** More are not answered at once, however many are asked for: a page is built in memory. */
export const MAX_ITEMS_PER_PAGE = 10_000;
/** Far behind the end of any list, and small enough for every offset to be an exact number. */
const MAX_PAGE = 1_000_000_000;
/** What clients say for "all of them". */
const ALL_ITEMS = -1;

export interface Paging {
  /** From 1. */
  readonly page: number;
  /** `all`: as many as there are, at most {@link MAX_ITEMS_PER_PAGE}. */
  readonly itemsPerPage: number | 'all';
}

export const Pagination = Type.Object({
  currentPage: Type.Integer(),
  pagesCount: Type.Integer(),
  itemsPerPage: Type.Integer(),
  itemsInCurrentPage: Type.Integer(),
  totalItems: Type.Integer(),
});
export type Pagination = Static<typeof Pagination>;

/** `page` and `itemsPerPage` of a query. */
export function readPaging(params: QueryParams, defaultItemsPerPage: Paging['itemsPerPage']): Paging {
  const page = params.integer('page', 1, MAX_PAGE) ?? 1;
  const itemsPerPage = params.read('itemsPerPage', parseItemsPerPage) ?? defaultItemsPerPage;
  return { page, itemsPerPage };
}

/** The rows of a list that make up the page. */
export function windowOf({ page, itemsPerPage }: Paging): { limit: number; offset: number } {
  const limit = itemsPerPage === 'all' ? MAX_ITEMS_PER_PAGE : itemsPerPage;
  return { limit, offset: (page - 1) * limit };
}

/** What is answered of a page with `items` of `totalItems`. An empty list has one page, as clients expect. */
export function paginationOf({ page, itemsPerPage }: Paging, items: number, totalItems: number): Pagination {
  const size = itemsPerPage === 'all' ? Math.max(1, Math.min(totalItems, MAX_ITEMS_PER_PAGE)) : itemsPerPage;
  return {
    currentPage: page,
    pagesCount: Math.max(1, Math.ceil(totalItems / size)),
    itemsPerPage: size,
    itemsInCurrentPage: items,
    totalItems,
  };
}

/** As many as asked for, or as can be had: the answer says how many that are, so clients go on with the next page. */
function parseItemsPerPage(value: string): number | 'all' | undefined {
  const number = /^-?\d{1,15}$/.test(value) ? Number(value) : 0;
  if (number === ALL_ITEMS) return 'all';
  return number >= 1 ? Math.min(number, MAX_ITEMS_PER_PAGE) : undefined;
}
