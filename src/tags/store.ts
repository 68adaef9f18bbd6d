import type { Database } from '../db/database.ts';
import { codeOf, SQLSTATE } from '../db/failures.ts';

export interface Tag {
  readonly tagId: number;
  readonly name: string;
}

/**
 * The tags of these names, different from each other; missing ones are made. Those that are there are only read, so
 * that popular tags are neither locked nor rewritten; `do update` answers those that somebody else makes right now,
 * and the order keeps two of these from a deadlock.
 */
export function upsertTags(database: Database, names: readonly string[]): Promise<Tag[]> {
  return database.run(
    'writes',
    (sql) => sql<Tag[]>`
      with asked as materialized (
        select name from json_array_elements_text(${JSON.stringify(names)}::text::json) as a (name)
      ), found as materialized (
        select t.tag_id, t.name from tags t join asked a on a.name = t.name
      ), made as (
        insert into tags (name)
        select name from asked a where not exists (select from found f where f.name = a.name) order by name
        on conflict (name) do update set name = excluded.name
        returning tag_id, name
      )
      select tag_id as "tagId", name from found union all select tag_id, name from made`,
    { retry: true },
  );
}

/** What came of a renaming. */
export type RenamingResult = 'renamed' | 'unknown' | 'taken';

/** Gives a tag another name. To itself is no change, and no conflict. */
export async function renameTag(database: Database, oldName: string, newName: string): Promise<RenamingResult> {
  try {
    const rows = await database.run(
      'writes',
      (sql) => sql`update tags set name = ${newName} where name = ${oldName} returning tag_id`,
      { retry: false },
    );
    return rows.length > 0 ? 'renamed' : 'unknown';
  } catch (error) {
    if (codeOf(error) === SQLSTATE.uniqueViolation) return 'taken';
    throw error;
  }
}

/**
 * Deletes tags and takes them off their short URLs; names that are none are passed over. A short URL that gets the tag
 * in this very moment may keep a row that leads nowhere, which no list shows.
 */
export async function deleteTags(database: Database, names: readonly string[]): Promise<void> {
  await database.run(
    'writes',
    (sql) => sql`
      with deleted as (
        delete from tags where name in (select json_array_elements_text(${JSON.stringify(names)}::text::json))
        returning tag_id
      )
      delete from short_url_tags where tag_id in (select tag_id from deleted)`,
    { retry: true },
  );
}
