import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { MAX_ITEMS_PER_PAGE, paginationOf, readPaging, windowOf } from '../../src/http/paging.ts';
import { QueryParams } from '../../src/http/query-params.ts';
import { AppError } from '../../src/lib/errors.ts';
import { ORDER_FIELDS, readListRequest } from '../../src/short-urls/list-request.ts';
import { readTagListRequest, readTagNames, TAG_ORDER_FIELDS } from '../../src/tags/request.ts';
import { normaliseTag } from '../../src/tags/tag.ts';
import { readVisitListRequest } from '../../src/visits/lists/list-request.ts';
import { MAX_BUCKETS, readStatsRequest } from '../../src/visits/stats/request.ts';
import { anyText, holds } from '../support/property.ts';

const NAMES =
  `page itemsPerPage searchTerm tags tags[] tags[7] tagsMode excludeTags[] excludeTags excludeTagsMode orderBy
  startDate endDate excludeMaxVisitsReached excludePastValidUntil domain apiKeyName excludeBots type interval timezone
  __proto__ constructor unknown`.split(/\s+/);
const name = fc.constantFrom(...NAMES);
const VALUES = `0 -1 1 10001 999999999999999 1e3 ٣ title-DESC a-b-c 2024-02-30 2024-01-01T00:00:00+02:00 true TRUE any
  base_url hour month Europe/Berlin ../x`.split(/\s+/);
const value = fc.oneof(anyText, fc.constantFrom(...VALUES, 'a\0b', 'a\0b', ' 1', '2024-01-01T00:00:00 02:00'));
const pair = fc.tuple(
  name,
  fc.oneof(
    value.map((text) => encodeURIComponent(text.toWellFormed())),
    value,
  ),
);
const url = fc
  .array(pair, { maxLength: 8 })
  .map((pairs) => `http://h/x?${pairs.map((both) => both.join('=')).join('&')}`);

/** The request, or undefined where it was refused: by fields that were sent, and by nothing but `invalid-data`. */
function readOrRefuse<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid-data') throw error;
    const names = error.extra.invalidElements as string[];
    expect(names.length).toBeGreaterThan(0);
    for (const invalid of names) expect(NAMES).toContain(invalid);
    return undefined;
  }
}

function isText(text: string | undefined): boolean {
  return text === undefined || (text !== '' && text.isWellFormed() && !text.includes('\0'));
}

function expectYear(date: Date | null | undefined): void {
  if (date) expect(date.toISOString()).toMatch(/^\d{4}-/);
}

test('a list of short URLs is asked for with what the database can take, or refused', () => {
  holds(url, (asked) => {
    const request = readOrRefuse(() => readListRequest(asked));
    if (request === undefined) return;
    const { filter, order, paging } = request;
    expect(ORDER_FIELDS).toContain(order.field);
    expect([filter.searchTerm, filter.domain, filter.apiKeyName].every(isText)).toBe(true);
    for (const tag of [...filter.tags, ...filter.excludeTags]) expect(normaliseTag(tag)).toBe(tag);
    for (const date of [filter.startDate, filter.endDate]) expectYear(date);
    const { limit, offset } = windowOf(paging);
    expect([limit >= 1 && limit <= MAX_ITEMS_PER_PAGE, Number.isSafeInteger(offset) && offset >= 0]).toEqual([
      true,
      true,
    ]);
  });
});

test('tags, visits and statistics are asked for with what the database can take, or refused', () => {
  holds(url, (asked) => {
    const tags = readOrRefuse(() => readTagListRequest(asked, TAG_ORDER_FIELDS));
    if (tags) expect([isText(tags.searchTerm), TAG_ORDER_FIELDS.includes(tags.order.field)]).toEqual([true, true]);
    for (const tag of readTagNames(asked)) expect(normaliseTag(tag)).toBe(tag);
    const visits = readOrRefuse(() => readVisitListRequest(asked));
    if (visits) for (const date of [visits.filter.range.from, visits.filter.range.to]) expectYear(date);
    const stats = readOrRefuse(() => readStatsRequest(asked, new Date('2026-01-01T00:00:00Z')));
    if (stats) expect((stats.to.getTime() - stats.from.getTime()) / 3_600_000).toBeLessThan(MAX_BUCKETS * 28 * 24);
  });
});

test('a query says what URLSearchParams reads in it: the last value of a name that is not empty', () => {
  holds(fc.array(pair, { maxLength: 6 }), name, (pairs, asked) => {
    const query = pairs.map((both) => both.join('=')).join('&');
    const values = [...new URLSearchParams(`?${query}`)]
      .filter(([found, text]) => found.replace(/\[\w*\]$/, '') === asked && text !== '')
      .map(([, text]) => text);
    expect(new QueryParams(`http://h/x?${query}`).read(asked, (text) => text)).toBe(values.at(-1));
    expect(new QueryParams(`/x?${query}`).list(asked, (text) => text)).toEqual(values);
  });
});

test('a page is read as it was asked for', () => {
  holds(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), (page, itemsPerPage) => {
    const params = new QueryParams(`http://h/?page=${page}&itemsPerPage=${itemsPerPage}`);
    expect(readPaging(params, 10)).toEqual({ page, itemsPerPage: Math.min(itemsPerPage, MAX_ITEMS_PER_PAGE) });
  });
});

test('the pages of a list hold every item once', () => {
  const itemsPerPage = fc.oneof(fc.integer({ min: 1, max: MAX_ITEMS_PER_PAGE }), fc.constant('all' as const));
  holds(itemsPerPage, fc.nat(MAX_ITEMS_PER_PAGE), (size, total) => {
    const { pagesCount } = paginationOf({ page: 1, itemsPerPage: size }, 0, total);
    const { limit, offset } = windowOf({ page: pagesCount, itemsPerPage: size });
    expect(offset === 0 || offset < total).toBe(true);
    expect(offset + limit).toBeGreaterThanOrEqual(total);
  });
});
