import { ApiKeyError } from '../api-keys/admin.ts';
import { type Config, type Environment, loadConfig, processEnvironment } from '../config.ts';
import { Database } from '../db/database.ts';
import { EmbeddedDatabaseError } from '../db/embedded/error.ts';
import { codeOf, isConnectionFailure } from '../db/failures.ts';
import { MIGRATIONS } from '../db/migrations.ts';
import { checkSchema, DatabaseTooNewError } from '../db/schema-version.ts';
import { AppError } from '../lib/errors.ts';
import { createLogger } from '../observability/log.ts';
import { databaseSettings } from '../settings.ts';
import { CommandError } from './command.ts';
import { borrowEmbedded } from './embedded-database.ts';

interface KeyDatabaseOptions {
  readonly embedded?: boolean;
  /** Settings that win over the environment. */
  readonly overrides?: Environment;
}

/** Runs a short piece of work on the database of DATABASE_URL or on the embedded one. @throws CommandError */
export async function withKeyDatabase<T>(
  { embedded = false, overrides = {} }: KeyDatabaseOptions,
  work: (database: Database, config: Config) => Promise<T>,
): Promise<T> {
  const config = loadConfig(processEnvironment(), { embedded, overrides });
  try {
    if (!embedded) return await onDatabase(config.DATABASE_URL ?? '', config, work);
    const borrowed = await borrowEmbedded(config.DATA_DIR, createLogger('error'));
    try {
      return await onDatabase(borrowed.databaseUrl, config, work);
    } finally {
      await borrowed.giveBack();
    }
  } catch (error) {
    throw explain(error);
  }
}

async function onDatabase<T>(
  url: string,
  config: Config,
  work: (database: Database, config: Config) => Promise<T>,
): Promise<T> {
  const { pending } = await checkSchema(url);
  if (pending.length === MIGRATIONS.length)
    throw new CommandError('The database has no tables of hop yet: run "hop migrate", or start hop.');
  // Its failures end this command with a message; there is nothing to log beside.
  const database = new Database({ ...databaseSettings(config), url, log: createLogger('silent') });
  try {
    return await work(database, config);
  } finally {
    await database.close();
  }
}

const REFUSED = /^(28|3D)/; // 28 authorization, 3D no such database

/** What the user can mend without a stack trace. */
function explain(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (isPlain(error)) return new CommandError(error.message, undefined, { cause: error });
  if (isConnectionFailure(error))
    return new CommandError(`The database cannot be reached: ${error.message}`, undefined, { cause: error });
  if (REFUSED.test(codeOf(error)))
    return new CommandError(`The database refuses us: ${error.message}`, undefined, { cause: error });
  return error;
}

/** Whether the message is written for people already. */
function isPlain(error: Error): boolean {
  return [ApiKeyError, AppError, DatabaseTooNewError, EmbeddedDatabaseError].some((kind) => error instanceof kind);
}
