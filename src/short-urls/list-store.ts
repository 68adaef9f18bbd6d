import type { Database } from '../db/database.ts';
import type { Sql } from '../db/pool.ts';
import { unprepared } from '../db/unprepared.ts';
import { conditions, type Fragment, type ListSelection } from './list-filter.ts';
import { directionOf, type Segment, segmentsOf } from './list-order.ts';
import type { ListOrder } from './list-request.ts';
import type { ShortUrl } from './short-url.ts';
import { columns } from './store.ts';

export interface ListWindow {
  readonly limit: number;
  readonly offset: number;
}

/** Reads part of a list; a second segment is read only if the first one ends within the window. */
export async function listShortUrls(
  database: Pick<Database, 'run'>,
  selection: ListSelection,
  order: ListOrder,
  { limit, offset }: ListWindow,
): Promise<ShortUrl[]> {
  const rows = await readSegment(database, selection, order, 0, { limit, offset });
  if (rows.length === limit || !hasTwoSegments(order)) return rows;
  const first = rows.length > 0 || offset === 0 ? offset + rows.length : await countSegment(database, selection, order);
  const rest = { limit: limit - rows.length, offset: Math.max(0, offset - first) };
  return [...rows, ...(await readSegment(database, selection, order, 1, rest))];
}

/** How many there are, counted up to `limit`. */
export async function countShortUrls(
  database: Pick<Database, 'run'>,
  selection: ListSelection,
  limit?: number,
): Promise<number> {
  return readCount(database, (sql) => {
    const rows = sql`select from short_urls s where ${conditions(sql, selection)}`;
    return limit === undefined ? rows : sql`${rows} limit ${limit}`;
  });
}

/** About how many there are, by PostgreSQL's statistics: as fast for any number of them. */
export async function estimateShortUrls(database: Pick<Database, 'run'>, selection: ListSelection): Promise<number> {
  const [row] = await database.run(
    'reports',
    (sql) =>
      unprepared(sql<ExplainRow[]>`
        explain (format json) select from short_urls s where ${conditions(sql, selection)}`),
    { retry: true },
  );
  return row?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0;
}

interface ExplainRow {
  readonly 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[];
}

function hasTwoSegments({ field }: ListOrder): boolean {
  return field === 'title' || field === 'visits' || field === 'nonBotVisits';
}

function readSegment(
  database: Pick<Database, 'run'>,
  selection: ListSelection,
  order: ListOrder,
  index: number,
  window: ListWindow,
): Promise<ShortUrl[]> {
  return database.run('reports', (sql) => unprepared(segmentQuery(sql, selection, order, index, window)), {
    retry: true,
  });
}

/**
 * First the ids of the page, then its rows: what is skipped on the way to a late page costs a step in an index, not the
 * tags and totals of a row.
 */
function segmentQuery(sql: Sql, selection: ListSelection, order: ListOrder, index: number, window: ListWindow) {
  const segment = segmentsOf(sql, order)[index];
  if (segment === undefined) throw new RangeError(`the list has no segment ${index}`);
  const direction = directionOf(sql, order);
  return sql<ShortUrl[]>`
    select ${columns(sql)}
    from (
      select s.short_url_id, ${segment.key} as key
      from ${segment.from}
      where ${segment.where} and ${conditions(sql, selection)}
      order by ${segment.by ?? segment.key} ${direction}, s.short_url_id
      limit ${window.limit} offset ${window.offset}
    ) p
    join short_urls s on s.short_url_id = p.short_url_id
    order by p.key ${direction}, p.short_url_id`;
}

function countSegment(database: Pick<Database, 'run'>, selection: ListSelection, order: ListOrder): Promise<number> {
  return readCount(database, (sql) => {
    const [first] = segmentsOf(sql, order) as [Segment, ...Segment[]];
    return sql`select from ${first.from} where ${first.where} and ${conditions(sql, selection)}`;
  });
}

async function readCount(database: Pick<Database, 'run'>, query: (sql: Sql) => Fragment): Promise<number> {
  const [row] = await database.run(
    'reports',
    (sql) => unprepared(sql<{ count: number }[]>`select count(*) as count from (${query(sql)}) c`),
    { retry: true },
  );
  return row?.count ?? 0;
}
