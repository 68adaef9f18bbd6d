import { appendFile } from 'node:fs/promises';
import postgres from 'postgres';
import { connectionOptions } from '../src/db/connection.ts';
import { type Made, withoutIndexes } from './without-indexes.ts';

type Sql = postgres.Sql<{ bigint: number }>;

export interface Link {
  readonly shortCode: string;
  readonly longUrl: string;
}

/** Rows fetched, or lines written, at a time. */
const CHUNK = 50_000;

/**
 * Fills `short_urls` with `count` links and returns them. Codes look like random ones: `i × 48,432,000,017` modulo 36^7
 * visits every number once and jumps by 0.62 of the range. Lower case only, because nginx's `map` ignores case. URLs
 * are 60 to 100 characters long. Of the indexes, a redirect uses the primary key only.
 */
export async function createLinks(databaseUrl: string, count: number, made: Made = 'primary key'): Promise<Link[]> {
  return filled(databaseUrl, count, made, readLinks);
}

/** The same without reading them, for many. */
export async function createRows(databaseUrl: string, count: number): Promise<void> {
  await filled(databaseUrl, count, 'primary key', async () => {});
}

async function filled<T>(databaseUrl: string, count: number, made: Made, then: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres({ ...connectionOptions(databaseUrl), max: 1 });
  try {
    await withoutIndexes(sql, 'short_urls', () => insertLinks(sql, count), made);
    await sql`vacuum (analyze) short_urls`;
    await sql`checkpoint`;
    return await then(sql);
  } finally {
    await sql.end();
  }
}

/** The short code of the link made as number `i`, from 1: as the SQL below has it. */
export function codeOf(i: number): string {
  const digits = ((BigInt(i) * 48_432_000_017n) % 78_364_164_096n).toString(36).padStart(7, '0');
  return [...digits].reverse().join('');
}

/** Number 1. */
export const FIRST_LINK: Link = {
  shortCode: codeOf(1),
  longUrl: 'https://blog.example.org/articles/2026/01/c4ca4238a0b92-1',
};

/** Writes one line for each item to a file. */
export async function writeLines<T>(file: string, items: readonly T[], line: (item: T) => string): Promise<void> {
  for (let start = 0; start < items.length; start += CHUNK) {
    await appendFile(
      file,
      `${items
        .slice(start, start + CHUNK)
        .map(line)
        .join('\n')}\n`,
    );
  }
}

/** A code is written out digit by digit: by string_agg it takes the server three times as long. */
async function insertLinks(sql: Sql, count: number): Promise<void> {
  const digits = Array.from({ length: 7 }, (_, k) => `substr(digits, (n / ${36 ** k} % 36)::integer + 1, 1)`);
  await sql.unsafe(
    `insert into short_urls (domain_id, short_code, create_id, long_url, created_at)
    select 0, ${digits.join(' || ')}, md5(i::text)::uuid, long_url, created_at
    from generate_series(1, $1::bigint) i,
      lateral (
        select i * 48432000017 % 78364164096 n, timestamptz '2026-01-01' + i * interval '30 s' created_at,
          '0123456789abcdefghijklmnopqrstuvwxyz' digits
      ) a,
      lateral (
        select 'https://' || (array['www.example.com', 'blog.example.org', 'shop.example.net'])[1 + i % 3]
          || '/articles/' || to_char(created_at, 'YYYY/MM') || '/' || left(md5(i::text), (12 + i % 16)::integer) || '-' || i
          || case when i % 3 = 0 then '?utm_source=newsletter' else '' end long_url
      ) b`,
    [count],
  );
}

async function readLinks(sql: Sql): Promise<Link[]> {
  const links: Link[] = [];
  const rows = sql<Link[]>`select short_code as "shortCode", long_url as "longUrl" from short_urls`;
  for await (const chunk of rows.cursor(CHUNK)) links.push(...chunk);
  return links;
}
