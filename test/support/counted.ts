import type { connect } from './sql.ts';

type Sql = ReturnType<typeof connect>;

/** Of a short URL: visits that are stored one by one, and what was counted of them. */
export interface Counted {
  readonly stored: number;
  readonly counted: number;
}

export async function countedByPath(sql: Sql): Promise<Record<string, Counted>> {
  const rows = await sql<{ path: string; stored: number; counted: number }[]>`
    select '/' || short_code as path, stored, (non_bots + bots)::int as counted
    from (select short_code, count(*)::int as stored from visits group by short_code) as visits
      full join short_url_visit_totals using (short_code)`;
  return Object.fromEntries(rows.map(({ path, stored, counted }) => [path, { stored, counted }]));
}

/** Visits of short URLs as they are counted. */
export async function countOfAll(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select coalesce(sum(non_bots + bots), 0)::int as count from short_url_visit_totals`;
  return row?.count ?? 0;
}

/** What is to be there when each of these visits is there once. */
export function once(visits: Readonly<Record<string, number>>): Record<string, Counted> {
  return Object.fromEntries(Object.entries(visits).map(([path, count]) => [path, { stored: count, counted: count }]));
}
