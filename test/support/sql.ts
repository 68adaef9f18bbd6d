import postgres from 'postgres';
import { connectionOptions } from '../../src/db/connection.ts';

/** A connection for looking into a test's database; `await using` closes it. */
export function connect(databaseUrl: string): postgres.Sql & AsyncDisposable {
  const sql = postgres({ ...connectionOptions(databaseUrl), types: {}, max: 1 });
  return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }) });
}
