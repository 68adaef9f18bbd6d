import type postgres from 'postgres';

type Sql = postgres.Sql<{ bigint: number }>;

/** Which indexes are there afterwards. */
export type Made = 'all' | 'primary key';

/**
 * Fills a table without its indexes and makes them, or only its key, afterwards. A row at a time, the index of trigrams of
 * short URLs alone takes five times as long as in one go, and a million links many minutes on a busy machine.
 */
export async function withoutIndexes(sql: Sql, table: string, fill: () => Promise<void>, made: Made): Promise<void> {
  const [key] = await sql<{ name: string; definition: string }[]>`
    select conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where conrelid = ${table}::regclass and contype = 'p'`;
  if (key === undefined) throw new Error(`${table} has no primary key`);
  await sql`alter table ${sql(table)} drop constraint ${sql(key.name)}`;
  const indexes = await dropIndexes(sql, table);
  await fill();
  await sql`set maintenance_work_mem = '1GB'`;
  await sql`alter table ${sql(table)} add constraint ${sql(key.name)} ${sql.unsafe(key.definition)}`;
  if (made === 'all') for (const definition of indexes) await sql.unsafe(definition);
}

/** Drops all indexes but the key's. Returns the statements that make them again. */
export async function dropIndexes(sql: Sql, table: string): Promise<string[]> {
  const indexes = await sql<{ name: string; definition: string }[]>`
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
    from pg_index where indrelid = ${table}::regclass and not indisprimary`;
  for (const { name } of indexes) await sql`drop index ${sql(name)}`;
  // PostgreSQL says it as for the table without its partitions.
  return indexes.map(({ definition }) => definition.replace(' ON ONLY ', ' ON '));
}
