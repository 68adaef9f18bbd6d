import { writeFile } from 'node:fs/promises';
import { databaseUrl } from './support/database.ts';
import { withTemplate } from './support/run-databases.ts';
import { readSchema, SCHEMA_FILE } from './support/schema-file.ts';

/** `bun run schema`: writes db/schema.sql anew from a freshly migrated database. */
await withTemplate(async (server, template) => {
  await writeFile(SCHEMA_FILE, await readSchema(databaseUrl(server, template)));
});
