import type { Database } from '../../db/database.ts';
import type { Sql } from '../../db/pool.ts';
import { unprepared } from '../../db/unprepared.ts';
import { edgesOf } from './edges.ts';
import type { TimeRange, VisitFilter } from './list-request.ts';
import { chosenShortUrls, daysOf, type Fragment, isWanted, visitsOf } from './set-sql.ts';
import type { ShortUrlChoice, VisitSet } from './visit-set.ts';

/** How many visits there are, and where in time the one is before which `offset` newer ones are. */
export interface Position {
  readonly total: number;
  /** That visit is before this moment, and after `skip` others; null: counted from the end of the range. */
  readonly before: Date | null;
  readonly skip: number;
}

/** The finest that the visits between the edges of a range are told apart by. */
export type Unit = 'day' | 'hour';

type Reports = Pick<Database, 'run'>;

/**
 * Counts by rollups, and raw visits only in the hours at the edges of the range. What is older than the oldest raw
 * visit is not counted: rollups stay when raw visits are dropped, but no list can show them.
 */
export async function locate(
  database: Reports,
  set: VisitSet,
  filter: VisitFilter,
  offset: number,
  unit: Unit = 'day',
): Promise<Position> {
  const [row] = await database.run(
    'reports',
    (sql) =>
      unprepared(sql<LocateRow[]>`${partsOf(sql, set, filter, unit)}, ranked as (
      select starts, ends, visits, sum(visits) over (order by starts desc) as upto from parts
    )
    select coalesce(sum(visits), 0)::float8 as total, (
      select json_build_object('before', extract(epoch from ends) * 1000, 'newer', upto - visits)
      from ranked where upto > ${offset}::bigint order by starts desc limit 1
    ) as part
    from parts`),
    { retry: true },
  );
  const { total = 0, part = null } = row ?? {};
  if (part === null) return { total, before: null, skip: offset };
  return { total, before: new Date(part.before), skip: offset - part.newer };
}

interface LocateRow {
  readonly total: number;
  readonly part: { readonly before: number; readonly newer: number } | null;
}

/** Raw visits, one by one: for what no rollup tells. */
export async function countRaw(database: Reports, set: VisitSet, filter: VisitFilter): Promise<number> {
  const [row] = await database.run(
    'reports',
    (sql) => unprepared(sql<{ total: number }[]>`select ${rawCount(sql, set, filter)}::float8 as total`),
    { retry: true },
  );
  return row?.total ?? 0;
}

/**
 * All visits of the chosen short URLs, from their totals: a row for each instead of one for each of its days. Undefined
 * when raw visits have been dropped, of which totals know nothing.
 */
export async function countByTotals(
  database: Reports,
  choice: ShortUrlChoice,
  excludeBots: boolean,
): Promise<number | undefined> {
  const [row] = await database.run(
    'reports',
    (sql) => {
      const { from, where } = chosenShortUrls(sql, choice);
      return unprepared(sql<{ total: number | null }[]>`
        select case when not exists (
          select from visits_daily where scope = 'all' and day < (${oldestVisit(sql, 'visits')} at time zone 'UTC')::date
        ) then (
          select coalesce(sum(${excludeBots ? sql`t.non_bots` : sql`t.non_bots + t.bots`}), 0)
          from ${from} join short_url_visit_totals t
            on t.domain_id = s.domain_id and t.short_code = s.short_code and t.short_url_id = s.short_url_id
          where ${where}
        ) end::float8 as total`);
    },
    { retry: true },
  );
  return row?.total ?? undefined;
}

/** Common table expressions up to `parts`: pieces of the range with the number of visits in each. */
function partsOf(sql: Sql, set: VisitSet, filter: VisitFilter, unit: Unit): Fragment {
  const days = daysOf(sql, set);
  if (days === undefined) throw new TypeError('there is no rollup of these visits');
  const { range, excludeBots } = filter;
  const visits = excludeBots ? sql`non_bots` : sql`non_bots + bots`;
  const isWhole = unit === 'day' ? isInside(sql, range, sql`starts`, sql`starts + interval '1 day'`) : sql`false`;
  const oldest = oldestVisit(sql, set.of === 'orphans' ? 'orphan_visits' : 'visits');
  return sql`
    with days as materialized (
      select starts, is_whole, ${visits} as visits, case when not is_whole then counts end as counts
      from ${days.from},
        lateral (select d.day::timestamp at time zone 'UTC' as starts) a, lateral (select ${isWhole} as is_whole) b
      where ${days.where} and d.day >= (${oldest} at time zone 'UTC')::date ${isNear(sql, range)}
    ), parts as (
      select starts, starts + interval '1 day' as ends, visits from days where is_whole
      union all
      select h.starts, h.starts + interval '1 hour', ${visits}
      from days, visit_counts(days.counts) c,
        lateral (
          select days.starts + case when c.dimension = 'hour' then c.value::integer end * interval '1 hour' as starts
        ) h
      where not is_whole and c.dimension = 'hour'
        and ${isInside(sql, range, sql`h.starts`, sql`h.starts + interval '1 hour'`)}
      ${edgesOf(range).reduce((all, edge) => sql`${all} union all ${edgePart(sql, set, { ...filter, range: edge })}`, sql``)}
    )`;
}

function edgePart(sql: Sql, set: VisitSet, filter: VisitFilter): Fragment {
  const { from, to } = filter.range;
  return sql`select ${from}::timestamptz, ${to}::timestamptz, ${rawCount(sql, set, filter)}`;
}

function rawCount(sql: Sql, set: VisitSet, filter: VisitFilter): Fragment {
  const { from, where } = visitsOf(sql, set);
  return sql`(select count(*) from ${from} where ${where} and ${isWanted(sql, filter)})`;
}

function isInside(sql: Sql, { from, to }: TimeRange, starts: Fragment, ends: Fragment): Fragment {
  const isAfter = from === null ? sql`true` : sql`${starts} >= ${from}`;
  return to === null ? isAfter : sql`${isAfter} and ${ends} <= ${to}`;
}

/** Of all days, those that the range touches: by the day alone, which the key has. */
function isNear(sql: Sql, { from, to }: TimeRange): Fragment {
  const isAfter = from === null ? sql`` : sql`and d.day >= (${from}::timestamptz at time zone 'UTC')::date`;
  return to === null ? isAfter : sql`${isAfter} and d.day <= (${to}::timestamptz at time zone 'UTC')::date`;
}

function oldestVisit(sql: Sql, table: 'visits' | 'orphan_visits'): Fragment {
  return sql`(select min(visited_at) from ${sql(table)})`;
}
