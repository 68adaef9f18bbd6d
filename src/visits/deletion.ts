import type { Database } from '../db/database.ts';
import { codeOf } from '../db/failures.ts';
import type { Sql } from '../db/pool.ts';

/** Names a short URL as visits do: a slug deleted and made anew is another one. */
interface VisitedShortUrl {
  readonly domainId: number;
  readonly shortCode: string;
  readonly shortUrlId: number;
}

/** Raw visits that one statement deletes before the last one, for which the recorder has to wait (some 0.1 s). */
const CHUNK = 20_000;
/** Deletes touch the rows that all batches touch; they are locked in one order, so this hardly ever happens. */
const DEADLOCK = '40P01';
const MAX_TRIES = 3;

/**
 * Deletes the visits of a short URL, and takes them off the statistics of all, of its domain and of the tags that it
 * has now (see delete_short_url_visits() in the schema for what stays). Redirects served on account of maxVisits stay
 * served. Returns how many there were, counting those whose raw rows have been dropped by retention.
 */
export async function deleteShortUrlVisits(
  database: Database,
  { domainId, shortCode, shortUrlId }: VisitedShortUrl,
): Promise<number> {
  await deleteInChunks(
    (sql) => sql`
      delete from visits
      where domain_id = ${domainId} and short_code = ${shortCode} and short_url_id = ${shortUrlId} and visited_at < (
        select visited_at from visits
        where domain_id = ${domainId} and short_code = ${shortCode} and short_url_id = ${shortUrlId}
        order by visited_at offset ${CHUNK} limit 1
      )`,
    database,
  );
  return count(
    database,
    (sql) =>
      sql<{ deleted: number }[]>`select delete_short_url_visits(${domainId}, ${shortCode}, ${shortUrlId}) as deleted`,
  );
}

/** Deletes all orphan visits and their statistics; returns how many there were. */
export async function deleteOrphanVisits(database: Database): Promise<number> {
  await deleteInChunks(
    (sql) => sql`
      delete from orphan_visits
      where visited_at < (select visited_at from orphan_visits order by visited_at offset ${CHUNK} limit 1)`,
    database,
  );
  return count(database, (sql) => sql<{ deleted: number }[]>`select delete_orphan_visits() as deleted`);
}

/** Until a chunk is all that is left. Interrupted, it leaves the statistics as they were, and can be called again. */
async function deleteInChunks(deleteOldest: (sql: Sql) => ReturnType<Sql>, database: Database): Promise<void> {
  const deleted = async () => (await database.run('reports', deleteOldest, { retry: true })).count;
  while ((await deleted()) > 0);
}

async function count(
  database: Database,
  statement: (sql: Sql) => PromiseLike<{ deleted: number }[]>,
  tries = MAX_TRIES,
): Promise<number> {
  try {
    // Not sent again after a lost answer, which would then be 0.
    const [row] = await database.run('reports', statement, { retry: false });
    return row?.deleted ?? 0;
  } catch (error) {
    if (tries > 1 && isDeadlock(error)) return count(database, statement, tries - 1);
    throw error;
  }
}

function isDeadlock(error: unknown): boolean {
  return codeOf(error) === DEADLOCK || (error instanceof Error && codeOf(error.cause) === DEADLOCK);
}
