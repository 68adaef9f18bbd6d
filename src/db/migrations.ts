import shortUrls from '../../db/migrations/0001_short_urls.sql' with { type: 'text' };
import idempotencyKeys from '../../db/migrations/0002_idempotency_keys.sql' with { type: 'text' };
import lists from '../../db/migrations/0003_lists.sql' with { type: 'text' };
import visits from '../../db/migrations/0004_visits.sql' with { type: 'text' };
import compactCounts from '../../db/migrations/0005_compact_counts.sql' with { type: 'text' };

export interface Migration {
  readonly name: string;
  /** The oldest version of hop that may run on the result: the file's first line, `-- hop:requires X.Y.Z`. */
  readonly requires: string;
  readonly sql: string;
}

/** In order of application. Imported as text, because the binary has no files next to it. */
export const MIGRATIONS: readonly Migration[] = [
  parseMigration('0001_short_urls', shortUrls),
  parseMigration('0002_idempotency_keys', idempotencyKeys),
  parseMigration('0003_lists', lists),
  parseMigration('0004_visits', visits),
  parseMigration('0005_compact_counts', compactCounts),
];

export function parseMigration(name: string, sql: string): Migration {
  const requires = /^-- hop:requires (\d+\.\d+\.\d+)\n/.exec(sql)?.[1];
  if (!requires) throw new Error(`migration ${name} must begin with the line "-- hop:requires X.Y.Z"`);
  return { name, requires, sql };
}
