import type { Database } from '../db/database.ts';

/** Resolves once the database has answered a statement. */
export async function ping(database: Database): Promise<void> {
  await database.run('lookups', (sql) => sql`select 1`, { retry: true });
}
