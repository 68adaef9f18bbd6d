import postgres from 'postgres';
import { connectionOptions } from '../src/db/connection.ts';
import { createLogger } from '../src/observability/log.ts';
import { maintainPartitions } from '../src/visits/partitions.ts';
import { openDatabase } from './open-database.ts';
import { withoutIndexes } from './without-indexes.ts';

const DAY_MS = 86_400_000;
const DAYS = 365;
/** Each maintenance makes the partitions of three months. */
const MAINTENANCE_DAYS = [365, 275, 185, 95, 0];
/** Visits written by one statement, about: of whole days, unless a day has more. */
const CHUNK = 1_000_000;

type Sql = postgres.Sql<{ bigint: number }>;

/** What a visit is counted by: hour, country, browser, system, device and host of the referrer. */
const VALUES = [
  "extract(hour from visited_at at time zone 'UTC')::text",
  "coalesce(country_code, '')",
  "coalesce(browser, '')",
  "coalesce(os, '')",
  "coalesce(device, '')",
  "coalesce(split_part(referrer, '/', 3), '')",
];
/** With which the lines of each of them begin (src/visits/traits.ts). */
const LETTERS = 'hcbodr';
/** Visits of a day whose lines are summed up, and how many values of a dimension are kept then. */
const MANY = 3;
const KEPT_VALUES = 100;

/**
 * `count` visits of the last year to the short URLs there are, by Zipf(1), and all that the recorder would have counted of
 * them: made by the server itself, which is many times as fast. In the order of days, as visits come: a chunk then stays
 * within a partition or two, and its days are counted while its rows are still at hand.
 */
export async function createVisits(databaseUrl: string, count: number, links: number): Promise<void> {
  await makePartitions(databaseUrl);
  const sql = postgres({ ...connectionOptions(databaseUrl), max: 1 });
  try {
    await sql`set work_mem = '256MB'`;
    await withoutIndexes(sql, 'visits', () => insertAll(sql, count, links), 'all');
    await sumUp(sql);
    await sql`vacuum (analyze) visits, visits_daily, visit_totals, short_url_visits_daily, short_url_visit_totals`;
    await sql`checkpoint`;
  } finally {
    await sql.end();
  }
}

/** Whether an earlier run has made as many. Throws for one that has another number, or that was not finished. */
export async function isFilled(databaseUrl: string, count: number): Promise<boolean> {
  const sql = postgres({ ...connectionOptions(databaseUrl), max: 1 });
  try {
    const [row] = await sql<{ made: boolean; counted: number }[]>`
      select exists (select from short_urls) as made,
        (select coalesce(sum(non_bots + bots), 0) from visit_totals where scope = 'all')::float8 as counted`;
    const { made = false, counted = 0 } = row ?? {};
    if (!made) return false;
    if (counted === count) return true;
    throw new Error(`the database has ${counted.toLocaleString('en')} visits; remove its folder, or name another one`);
  } finally {
    await sql.end();
  }
}

async function makePartitions(databaseUrl: string): Promise<void> {
  const database = openDatabase(databaseUrl);
  try {
    await database.reached(5_000);
    for (const days of MAINTENANCE_DAYS) {
      const isDone = await maintainPartitions({
        database,
        log: createLogger('warn'),
        nowMs: Date.now() - days * DAY_MS,
      });
      if (!isDone) throw new Error('the partitions could not be made');
    }
  } finally {
    await database.close();
  }
}

interface Chunk {
  readonly count: number;
  readonly links: number;
  readonly firstDayMs: number;
  readonly days: number;
}

/** The last of them came yesterday. */
async function insertAll(sql: Sql, count: number, links: number): Promise<void> {
  const firstDayMs = (Math.floor(Date.now() / DAY_MS) - DAYS) * DAY_MS;
  const daysAtOnce = Math.max(1, Math.floor((DAYS * CHUNK) / count));
  const upTo = (days: number) => Math.round((count * days) / DAYS);
  for (let day = 0; day < DAYS; day += daysAtOnce) {
    const days = Math.min(daysAtOnce, DAYS - day);
    await insertVisits(sql, {
      count: upTo(day + days) - upTo(day),
      links,
      firstDayMs: firstDayMs + day * DAY_MS,
      days,
    });
  }
}

/** Visits of some days and what is counted of them a day. One visit in ten is a bot's. */
async function insertVisits(sql: Sql, { count, links, firstDayMs, days }: Chunk): Promise<void> {
  await sql.unsafe(
    `with made as (${visitsOfDays()}
      returning domain_id, short_code, short_url_id, (visited_at at time zone 'UTC')::date as day, visited_at, is_bot,
        country_code, browser, os, device, referrer
    ), each as (${dailyOfEach()})
    ${dailyOfAll()}`,
    [count, links, new Date(firstDayMs).toISOString(), days],
  );
}

/** The rank of a link is e to the power of a random share of ln(links): Zipf(1). */
function visitsOfDays(): string {
  return `
    insert into visits (domain_id, short_code, short_url_id, visited_at, is_bot, referrer, user_agent, remote_address,
      visited_url, redirect_url, device, browser, os, country_code)
    select 0, short_code, short_url_id, $3::timestamptz + random() * $4::int * interval '1 day', i % 10 = 0,
      case when i % 3 > 0 then 'https://site' || floor(exp(random() * ln(2000))) || '.example/' end,
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/' || 100 + i % 40 || '.0.0.0 Safari/537.36',
      '203.0.' || i % 256 || '.0', 'https://s.example.org/' || short_code, long_url,
      (array['desktop', 'mobile', 'mobile'])[1 + i % 3], (array['chrome', 'safari', 'firefox', 'chrome', 'edge'])[1 + i % 5],
      (array['windows', 'android', 'ios', 'macos', 'android', 'linux', 'ios'])[1 + i % 7],
      (array['US', 'IN', 'DE', 'BR', 'GB', 'FR', 'JP', 'CA', 'ES', 'IT', 'MX'])[floor(1 + random() * random() * 11)]
    from (select i, floor(exp(random() * ln($2::float8 + 1)))::bigint as short_url_id from generate_series(1, $1::bigint) i) v
      join short_urls using (short_url_id)`;
}

/** Each short URL, a row a day: lines as they come, summed up where they are many, as the recorder does it. */
function dailyOfEach(): string {
  const lines = VALUES.map(
    (value, index) =>
      `'${LETTERS[index]}' || E'\\t' || ${value} || case when is_bot then E'\\t0\\t1\\n' else E'\\t1\\t0\\n' end`,
  );
  return `
    insert into short_url_visits_daily (domain_id, short_code, short_url_id, day, non_bots, bots, counts)
    select domain_id, short_code, short_url_id, day, non_bots, bots,
      case when non_bots + bots > ${MANY} then compact_visit_counts(counts, ${KEPT_VALUES}) else counts end
    from (
      select domain_id, short_code, short_url_id, day,
        count(*) filter (where not is_bot) as non_bots, count(*) filter (where is_bot) as bots,
        string_agg(${lines.join(' || ')}, '') as counts
      from made group by domain_id, short_code, short_url_id, day
    ) d`;
}

/** All visits together, a row a day, of which the recorder too keeps the most frequent values only. */
function dailyOfAll(): string {
  const columns = VALUES.map((_, index) => `value_${index}`);
  const named = VALUES.map((value, index) => `${value} as ${columns[index]}`);
  const cases = columns.map((column, index) => `when grouping(${column}) = 0 then '${LETTERS[index]}'`);
  const sets = columns.map((column) => `(${column})`);
  const lines = "string_agg(concat_ws(E'\\t', dimension, value, non_bots, bots) || E'\\n', '')";
  return `
    insert into visits_daily (scope, scope_id, day, non_bots, bots, counts)
    select 'all', 0, day, sum(non_bots) filter (where dimension = 'h'), sum(bots) filter (where dimension = 'h'),
      compact_visit_counts(${lines}, ${KEPT_VALUES})
    from (
      select day, case ${cases.join(' ')} end as dimension, coalesce(${columns.join(', ')}) as value,
        count(*) filter (where not is_bot) as non_bots, count(*) filter (where is_bot) as bots
      from (select day, is_bot, ${named.join(', ')} from made) m
      group by day, grouping sets (${sets.join(', ')})
    ) d group by day`;
}

async function sumUp(sql: Sql): Promise<void> {
  const own = 'domain_id, short_code, short_url_id';
  await sql.unsafe(`insert into visits_daily (scope, scope_id, day, non_bots, bots, counts)
    select 'domain', 0, day, non_bots, bots, counts from visits_daily where scope = 'all'`);
  await sql.unsafe(`insert into short_url_visit_totals (${own}, non_bots, bots)
    select ${own}, sum(non_bots), sum(bots) from short_url_visits_daily group by ${own}`);
  await sql.unsafe(`insert into visit_totals (scope, scope_id, non_bots, bots)
    select scope, scope_id, sum(non_bots), sum(bots) from visits_daily group by scope, scope_id`);
}
