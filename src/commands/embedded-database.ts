import { accessSync, constants, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isInitialised } from '../db/embedded/data-directory.ts';
import { EmbeddedDatabaseError } from '../db/embedded/error.ts';
import { startEmbedded } from '../db/embedded/start.ts';
import { embeddedDatabaseUrl } from '../db/embedded/url.ts';
import { migrate } from '../db/migrate.ts';
import { findPrimary } from '../db/primary.ts';
import type { Logger } from '../observability/log.ts';

export interface BorrowedDatabase {
  readonly databaseUrl: string;
  /** Ends the server if it was started only for us. */
  giveBack(): Promise<void>;
}

/** How long a hop that holds DATA_DIR may take to start or to end its server. */
const BUSY_MS = 5_000;
const CONNECT_TIMEOUT_MS = 1_000;

/**
 * The embedded database of `dataDir`: that of the hop that is running, else one started for the moment. It is never made
 * here, because a misspelt DATA_DIR would then look as if it worked.
 * @throws EmbeddedDatabaseError that says what to do
 */
export async function borrowEmbedded(dataDir: string, log: Logger): Promise<BorrowedDatabase> {
  const directory = join(resolve(dataDir), 'pg');
  requireData(directory);
  const deadline = performance.now() + BUSY_MS;
  for (;;) {
    const databaseUrl = embeddedDatabaseUrl(directory);
    if (await answers(databaseUrl)) return { databaseUrl, giveBack: async () => {} };
    try {
      return await start(dataDir, log);
    } catch (error) {
      // Perhaps a hop has the lock and its server does not answer yet.
      if (!(error instanceof EmbeddedDatabaseError) || performance.now() > deadline) throw error;
      await Bun.sleep(100);
    }
  }
}

async function start(dataDir: string, log: Logger): Promise<BorrowedDatabase> {
  const server = await startEmbedded({ dataDir, log });
  const { databaseUrl } = server;
  try {
    await migrate({ databaseUrl, log });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { databaseUrl, giveBack: () => server.stop() };
}

function answers(databaseUrl: string): Promise<boolean> {
  return findPrimary(databaseUrl, CONNECT_TIMEOUT_MS).then(
    () => true,
    () => false,
  );
}

function requireData(directory: string): void {
  if (!existsSync(directory))
    throw new EmbeddedDatabaseError(`There is no database in ${directory}: start hop on it first, or set DATA_DIR.`);
  try {
    accessSync(directory, constants.R_OK | constants.X_OK);
  } catch (cause) {
    throw new EmbeddedDatabaseError(`${directory} is closed to you: run this as the user that runs hop.`, { cause });
  }
  isInitialised(directory);
}
