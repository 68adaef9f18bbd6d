import { loadConfig, processEnvironment } from '../config.ts';
import { isConnectionFailure } from '../db/failures.ts';
import { migrate } from '../db/migrate.ts';
import { DatabaseTooNewError } from '../db/schema-version.ts';
import { createLogger } from '../observability/log.ts';
import { CommandError, defineCommand, EXIT, print } from './command.ts';

export const command = defineCommand({
  summary: "Bring the database of DATABASE_URL to this version's schema",
  usage: '',
  flags: {},
  async run() {
    const environment = processEnvironment();
    // A schema is the same whatever the domain, which is often not known yet where databases are made.
    const overrides = { DEFAULT_DOMAIN: environment.DEFAULT_DOMAIN || 'localhost' };
    const { DATABASE_URL: databaseUrl = '', LOG_LEVEL } = loadConfig(environment, { embedded: false, overrides });
    const { applied } = await migrate({ databaseUrl, log: createLogger(LOG_LEVEL) }).catch(explain);
    await print(applied.length === 0 ? 'The database is up to date.\n' : `Applied ${applied.join(', ')}.\n`);
    return EXIT.ok;
  },
});

/** What is wrong with the database is for the user to mend, and a stack trace of ours says nothing about it. */
function explain(error: unknown): never {
  if (error instanceof DatabaseTooNewError) throw new CommandError(error.message, EXIT.failure, { cause: error });
  if (error instanceof Error && isConnectionFailure(error))
    throw new CommandError(`The database cannot be reached: ${error.message}`, EXIT.failure, { cause: error });
  throw error;
}
