import { expect, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { createTestDatabase } from '../support/database.ts';
import { readSchema, SCHEMA_FILE } from '../support/schema-file.ts';

test('db/schema.sql is what the migrations make', async () => {
  const database = await createTestDatabase();
  const actual = await readSchema(database.url);
  await database.drop();
  const written = await readFile(SCHEMA_FILE, 'utf8');
  if (actual !== written) console.error('db/schema.sql is out of date: run `bun run schema` and read its diff.');
  expect(actual).toBe(written);
});
