import { loadConfig } from '../../src/config.ts';
import { Database, type DatabaseOptions } from '../../src/db/database.ts';
import { createLogger } from '../../src/observability/log.ts';
import { createServices, type Services, type ServicesOptions } from '../../src/services.ts';
import { databaseSettings } from '../../src/settings.ts';

/** The services of a serving process on a migrated database, without the process. */
export async function createTestServices(
  databaseUrl: string,
  { onStatement, ...replacements }: Pick<ServicesOptions, 'generateCode'> & Pick<DatabaseOptions, 'onStatement'> = {},
): Promise<Services> {
  // Lookups have the time that a busy machine takes.
  const overrides = { DATABASE_URL: databaseUrl, DEFAULT_DOMAIN: 'hop.test', LOOKUP_DEADLINE_MS: '10000' };
  const config = loadConfig({}, { embedded: false, overrides });
  const log = createLogger('silent');
  const services = createServices({
    config,
    log,
    database: new Database({ ...databaseSettings(config), url: databaseUrl, log, onStatement }),
    migrate: async () => {},
    visits: null,
    peerOf: () => null,
    onFatal: (error) => {
      throw error;
    },
    ...replacements,
  });
  if (!(await services.database.reached(5_000))) throw new Error('the test database cannot be reached');
  return services;
}
