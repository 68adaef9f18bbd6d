import postgres from 'postgres';
import { connectionOptions } from '../../src/db/connection.ts';

export interface TestDatabase {
  readonly url: string;
  /** Drops the database, whoever is still connected. */
  drop(): Promise<void>;
}

let created = 0;

/** A migrated database of its own, cloned from the run's template. What a test forgets to drop, the runner drops. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create(template());
}

/** The same without a schema, for tests of the migrator. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('template0');
}

/** Runs `work` on the maintenance database of a server. */
export async function administer<T>(server: string, work: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
  const sql = postgres({ ...connectionOptions(server), types: {}, max: 1 });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** The URL of another database on the same server. */
export function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function create(from: string): Promise<TestDatabase> {
  const server = testServerUrl();
  const name = `${template()}_${process.pid}_${++created}`;
  // file_copy: 25 ms, and 10 to drop; wal_log, the default, 40 and 27 (embedded PostgreSQL 18, fsync off)
  await administer(server, (sql) => sql`create database ${sql(name)} template ${sql(from)} strategy file_copy`);
  return {
    url: databaseUrl(server, name),
    drop: () => administer(server, async (sql) => void (await sql`drop database if exists ${sql(name)} with (force)`)),
  };
}

/** The superuser URL of the run's server. */
export function testServerUrl(): string {
  return environment('HOP_TEST_DATABASE_URL');
}

function template(): string {
  return environment('HOP_TEST_TEMPLATE');
}

function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error('This test needs a database: run it with `bun run test <file>` instead of `bun test`.');
  return value;
}
