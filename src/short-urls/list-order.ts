import type { Sql } from '../db/pool.ts';
import type { Fragment } from './list-filter.ts';
import type { ListOrder } from './list-request.ts';

/** A part of a list that one index has in order. */
export interface Segment {
  /** Where its rows `s` come from. */
  readonly from: Fragment;
  readonly where: Fragment;
  /** What is sorted by, before ties are. */
  readonly key: Fragment;
  /** The order as the index has it, if that is not simply the key. */
  readonly by?: Fragment;
}

/**
 * The parts of an ordered list, one after the other. Most lists are one part. Titles and visits are two: ties are listed
 * in order of insertion whatever the direction, so descending, the many rows without a title (or visits) would all have
 * to be sorted again; taken apart, each part can be read from an index and the second often need not be read at all.
 */
export function segmentsOf(sql: Sql, { field, direction }: ListOrder): Segment[] {
  const rows = { from: sql`short_urls s`, where: sql`true` };
  switch (field) {
    case 'dateCreated':
      return [{ ...rows, key: sql`s.created_at` }];
    case 'shortCode':
      return [{ ...rows, key: sql`s.short_code` }];
    case 'longUrl':
      return [longUrls(sql, direction)];
    case 'title':
      return inDirection(titles(sql), direction);
    case 'visits':
      return inDirection(visits(sql, sql`(v.non_bots + v.bots)`), direction);
    case 'nonBotVisits':
      return inDirection(visits(sql, sql`v.non_bots`), direction);
  }
}

export function directionOf(sql: Sql, { direction }: ListOrder): Fragment {
  return direction === 'asc' ? sql`asc` : sql`desc`;
}

/** The index has only their beginnings: what those leave equal is sorted. */
function longUrls(sql: Sql, direction: ListOrder['direction']): Segment {
  const key = sql`s.long_url collate "C"`;
  const start = sql`left(s.long_url, 128) collate "C"`;
  const by = direction === 'asc' ? sql`${start} asc, ${key}` : sql`${start} desc, ${key}`;
  return { from: sql`short_urls s`, where: sql`true`, key, by };
}

function titles(sql: Sql): [Segment, Segment] {
  const key = sql`lower(left(coalesce(s.title, ''), 512) collate "C")`;
  const from = sql`short_urls s`;
  return [
    { from, key, where: sql`${key} = ''` },
    { from, key, where: sql`${key} > ''` },
  ];
}

/** By id alone, which names a short URL for ever; the whole key would be taken for three independent conditions. */
function visits(sql: Sql, count: Fragment): [Segment, Segment] {
  const isOfRow = sql`v.domain_id = s.domain_id and v.short_code = s.short_code and v.short_url_id = s.short_url_id`;
  const hasVisits = sql`${count} > 0`;
  return [
    {
      from: sql`short_urls s`,
      key: sql`0::bigint`,
      where: sql`not exists (select from short_url_visit_totals v where ${isOfRow} and ${hasVisits})`,
    },
    {
      from: sql`short_url_visit_totals v join short_urls s on s.short_url_id = v.short_url_id`,
      key: count,
      where: hasVisits,
    },
  ];
}

/** @param ascending first the rows without a value */
function inDirection([without, having]: [Segment, Segment], direction: ListOrder['direction']): Segment[] {
  return direction === 'asc' ? [without, having] : [having, without];
}
