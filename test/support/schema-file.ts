import postgres from 'postgres';
import { connectionOptions } from '../../src/db/connection.ts';
import { schemaText } from './schema-text.ts';

/** The schema as people read it; a test compares it with what the migrations make. */
export const SCHEMA_FILE = new URL('../../db/schema.sql', import.meta.url);

export async function readSchema(databaseUrl: string): Promise<string> {
  const sql = postgres({ ...connectionOptions(databaseUrl), types: {}, max: 1 });
  try {
    return await schemaText(sql);
  } finally {
    await sql.end();
  }
}
