import { randomBytes } from 'node:crypto';
import { migrate } from '../../src/db/migrate.ts';
import { createLogger } from '../../src/observability/log.ts';
import { administer, databaseUrl } from './database.ts';
import { startTestServer } from './server.ts';

/**
 * Runs `work` with a test server and, on it, a migrated template database. Whatever happens, the template and every
 * database whose name begins with its name are dropped, and a server started for it is stopped.
 */
export async function withTemplate<T>(work: (serverUrl: string, template: string) => Promise<T>): Promise<T> {
  const server = await startTestServer();
  const template = `hop_test_${randomBytes(4).toString('hex')}`;
  try {
    await createTemplate(server.url, template);
    return await work(server.url, template);
  } finally {
    await dropDatabases(server.url, template).finally(server.stop);
  }
}

async function createTemplate(serverUrl: string, name: string): Promise<void> {
  await administer(serverUrl, (sql) => sql`create database ${sql(name)} template template0`);
  await migrate({ databaseUrl: databaseUrl(serverUrl, name), log: createLogger('warn') });
}

async function dropDatabases(serverUrl: string, prefix: string): Promise<void> {
  await administer(serverUrl, async (sql) => {
    const databases = await sql<{ datname: string }[]>`
      select datname from pg_database where starts_with(datname, ${prefix})`;
    for (const { datname } of databases) await sql`drop database if exists ${sql(datname)} with (force)`;
  });
}
