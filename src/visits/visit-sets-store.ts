import type { Database } from '../db/database.ts';
import { chosenShortUrls } from './lists/set-sql.ts';
import type { ShortUrlChoice } from './lists/visit-set.ts';

export async function findTagId(database: Database, name: string): Promise<number | undefined> {
  const [row] = await database.run(
    'reports',
    (sql) => sql<{ tagId: number }[]>`select tag_id as "tagId" from tags where name = ${name}`,
    { retry: true },
  );
  return row?.tagId;
}

/** Whether there is a short URL of this choice. */
export async function hasShortUrls(database: Database, choice: ShortUrlChoice): Promise<boolean> {
  const rows = await database.run(
    'reports',
    (sql) => {
      const { from, where } = chosenShortUrls(sql, choice);
      return sql`select from ${from} where ${where} limit 1`;
    },
    { retry: true },
  );
  return rows.length > 0;
}
