import { createFirstApiKey } from '../api-keys/admin.ts';
import { processEnvironment, starterOf } from '../config.ts';
import { Database } from '../db/database.ts';
import { databaseSettings } from '../settings.ts';
import type { Serving } from './serving.ts';

/**
 * Makes the key of a new installation; undefined when it has one. A failure only costs the key: the next start tries
 * again.
 */
export async function makeFirstKey({ config, databaseUrl, log }: Serving): Promise<string | undefined> {
  const database = new Database({ ...databaseSettings(config), url: databaseUrl, log });
  try {
    return await createFirstApiKey(database, 'admin');
  } catch (error) {
    log.warn('the first API key could not be made', { error });
    return undefined;
  } finally {
    await database.close();
  }
}

/** Shows a key, and how to get another one when it is lost. */
export function introduceKey(key: string): string {
  return `
API key for the REST API (X-Api-Key), shown only this once:

  ${key}

Another one:  ${commandLine('key create --embedded')}
`;
}

/** How a person who started us like this runs another command on the same data. */
function commandLine(command: string): string {
  const environment = processEnvironment();
  const folder = environment.DATA_DIR ? `DATA_DIR=${Bun.$.escape(environment.DATA_DIR)} ` : '';
  if (Bun.isStandaloneExecutable) return `${folder}hop ${command}`;
  const bun = starterOf(environment) === 'npm' ? `npx -y bun@${Bun.version}` : 'bun';
  return `${folder}${bun} src/main.ts ${command}`;
}
