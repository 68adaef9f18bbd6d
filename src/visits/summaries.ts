import type { Database } from '../db/database.ts';
import type { Sql } from '../db/pool.ts';
import { unprepared } from '../db/unprepared.ts';
import type { VisitTotals } from '../short-urls/short-url.ts';
import { chosenShortUrls, type Fragment } from './lists/set-sql.ts';
import type { VisitSet } from './lists/visit-set.ts';

const NOTHING: VisitTotals = { nonBots: 0, bots: 0 };

/** How many visits of a set were ever recorded, also such as are no longer kept one by one. */
export async function summarise(database: Database, set: VisitSet): Promise<VisitTotals> {
  if (set.of === 'none') return NOTHING;
  const [row] = await database.run(
    'reports',
    (sql) =>
      unprepared(sql<VisitTotals[]>`
        select coalesce(sum(t.non_bots), 0)::float8 as "nonBots", coalesce(sum(t.bots), 0)::float8 as bots
        from ${totalsOf(sql, set)}`),
    { retry: true },
  );
  return row ?? NOTHING;
}

function totalsOf(sql: Sql, set: Exclude<VisitSet, { of: 'none' }>): Fragment {
  switch (set.of) {
    case 'all':
      return ofScope(sql, 'all', 0);
    case 'domain':
      return ofScope(sql, 'domain', set.domainId);
    case 'tag':
      return ofScope(sql, 'tag', set.tagId);
    case 'orphans':
      return ofScope(sql, 'orphan', 0);
    case 'short-url':
      return sql`short_url_visit_totals t where t.domain_id = ${set.domainId}::bigint
        and t.short_code = ${set.shortCode} and t.short_url_id = ${set.shortUrlId}::bigint`;
    case 'some': {
      const { from, where } = chosenShortUrls(sql, set);
      return sql`${from} join short_url_visit_totals t
        on t.domain_id = s.domain_id and t.short_code = s.short_code and t.short_url_id = s.short_url_id where ${where}`;
    }
  }
}

function ofScope(sql: Sql, scope: string, scopeId: number): Fragment {
  return sql`visit_totals t where t.scope = ${scope} and t.scope_id = ${scopeId}::bigint`;
}
