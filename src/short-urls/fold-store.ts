import type { Database } from '../db/database.ts';
import { codeOf, SQLSTATE } from '../db/failures.ts';
import { AppError } from '../lib/errors.ts';

/** Codes of one domain that differ by nothing but the case of their letters. */
export interface Clash {
  readonly domainId: number;
  /** Null for the default domain. */
  readonly domain: string | null;
  readonly folded: string;
  readonly shortCodes: readonly string[];
}

/** How many codes are not as SHORT_URL_MODE=loose stores them. Reads all short URLs: for tools and starts. */
export async function countUnfolded(database: Pick<Database, 'run'>): Promise<number> {
  const [row] = await database.run(
    'reports',
    (sql) => sql<{ count: number }[]>`
      select count(*)::int as count from short_urls where short_code <> lower(short_code)`,
    { retry: true },
  );
  return row?.count ?? 0;
}

/** By domain and code. Reads all short URLs. */
export async function findClashes(database: Pick<Database, 'run'>, limit: number): Promise<Clash[]> {
  return database.run(
    'reports',
    (sql) => sql<Clash[]>`
      select s.domain_id as "domainId", d.authority as domain, lower(s.short_code) as folded,
        json_agg(s.short_code order by s.short_code) as "shortCodes"
      from short_urls s join domains d on d.domain_id = s.domain_id
      group by s.domain_id, d.authority, lower(s.short_code)
      having count(*) > 1
      order by s.domain_id, lower(s.short_code)
      limit ${limit}`,
    { retry: true },
  );
}

/** Where a batch ended: the last code that was looked at. */
export interface FoldPosition {
  readonly domainId: number;
  readonly shortCode: string;
}

export interface FoldOptions {
  /** Stay as they are. */
  readonly clashes: readonly Clash[];
  readonly after: FoldPosition;
  readonly limit: number;
}

/**
 * Stores the next codes in lower case, with all that hangs on them, in one statement; undefined when there are none.
 * Visits too, for they belong to a code. Errors: `non-unique-slug` when somebody has taken such a code meanwhile.
 */
export async function foldNext(database: Pick<Database, 'run'>, options: FoldOptions) {
  try {
    return await fold(database, options);
  } catch (error) {
    if (codeOf(error) !== SQLSTATE.uniqueViolation) throw error;
    throw new AppError('non-unique-slug', 'Somebody has made a short URL of one of these codes. Run this again.');
  }
}

async function fold(database: Pick<Database, 'run'>, { clashes, after, limit }: FoldOptions) {
  const [row] = await database.run(
    'reports',
    (sql) => sql<(FoldPosition & { folded: number })[]>`
      with clashing as materialized (
        select domain_id, folded
        from json_to_recordset(${JSON.stringify(clashes.map(toRecord))}::text::json) as c (domain_id bigint, folded text)
      ), codes as materialized (
        select s.domain_id, s.short_code, s.short_url_id, lower(s.short_code) as folded from short_urls s
        where (s.domain_id, s.short_code) > (${after.domainId}, ${after.shortCode}) and s.short_code <> lower(s.short_code)
          and not exists (
            select from clashing c where c.domain_id = s.domain_id and c.folded = lower(s.short_code)
          )
        order by s.domain_id, s.short_code limit ${limit}
      ), ${sql.unsafe(TABLES.map(foldTable).join(', '))}, changes as (
        insert into short_url_changes (domain_id, short_code)
        select domain_id, short_code from codes union all select domain_id, folded from codes
      )
      select domain_id as "domainId", short_code as "shortCode", (select count(*)::int from codes) as folded
      from codes order by domain_id desc, short_code desc limit 1`,
    { retry: false },
  );
  return row;
}

/** Whatever has the key of a short URL; that of a deleted one keeps its code. */
const TABLES = [
  'short_urls',
  'short_url_tags',
  'short_url_limits',
  'redirect_rules',
  'short_url_visit_totals',
  'short_url_visits_daily',
  'visits',
] as const;

function foldTable(table: (typeof TABLES)[number]): string {
  return `${table}_folded as (
    update ${table} t set short_code = c.folded from codes c
    where t.domain_id = c.domain_id and t.short_code = c.short_code and t.short_url_id = c.short_url_id
  )`;
}

function toRecord({ domainId, folded }: Clash) {
  return { domain_id: domainId, folded };
}
