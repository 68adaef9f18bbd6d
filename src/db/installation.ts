import type { Database } from './database.ts';

/** Keeps a value of the installation unless there is one of that name; answers the one that is kept. */
export async function keepInstallationValue(database: Database, name: string, value: string): Promise<string> {
  const [row] = await database.run(
    'writes',
    // `do update` rather than `do nothing`, which would answer no row for one that somebody else inserts right now.
    (sql) => sql<{ value: string }[]>`
      insert into installation (name, value) values (${name}, ${value})
      on conflict (name) do update set name = excluded.name
      returning value`,
    { retry: true },
  );
  if (row === undefined) throw new Error(`the installation has no ${name}`);
  return row.value;
}
