import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/observability/log.ts';
import { createServices, type Services, type ServicesOptions } from '../../src/services.ts';

/** The services of a serving process on a migrated database, without the process. */
export async function createTestServices(
  databaseUrl: string,
  replacements: Pick<ServicesOptions, 'generateCode' | 'onStatement'> = {},
): Promise<Services> {
  const overrides = { DATABASE_URL: databaseUrl, DEFAULT_DOMAIN: 'hop.test' };
  const services = createServices({
    config: loadConfig({}, { embedded: false, overrides }),
    log: createLogger('silent'),
    databaseUrl,
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
