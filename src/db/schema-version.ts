import { VERSION } from '../lib/version.ts';
import type { Database } from './database.ts';
import { codeOf } from './failures.ts';
import { MIGRATIONS } from './migrations.ts';
import { openSession, type Session } from './session.ts';

const UNDEFINED_TABLE = '42P01';

/** A migration that the database has: perhaps one of a newer hop, which this program does not know. */
export interface AppliedMigration {
  readonly name: string;
  readonly requires: string;
}

/** The database was migrated by a newer hop in a way that this version cannot work with. */
export class DatabaseTooNewError extends Error {
  override readonly name = 'DatabaseTooNewError';
}

/**
 * For processes that do not migrate: may this program run on that database? Throws {@link DatabaseTooNewError} only
 * when the database demands a newer program; names of migrations still to be applied are returned, not an error,
 * because in a rolling upgrade the old and the new program share one database.
 */
export async function checkSchema(
  databaseUrl: string,
  programVersion: string = VERSION,
  timeoutMs = 5_000,
): Promise<{ pending: string[] }> {
  const session = await openSession(databaseUrl, { timeoutMs, connectTimeoutMs: timeoutMs });
  try {
    const applied = await readApplied(session);
    assertProgramMayRun(applied, programVersion);
    return { pending: pendingAfter(applied) };
  } finally {
    await session.close();
  }
}

/**
 * Whether there is nothing to migrate: one statement of a pool that is open, where a session of the migrator's own takes
 * two further connections (67 of 395 ms to the first redirect, least of 12 starts of the binary on a busy machine).
 * @throws DatabaseTooNewError
 */
export async function isUpToDate(database: Database): Promise<boolean> {
  const run = <Row>(statement: string) =>
    database.run('lookups', async (sql): Promise<Row[]> => [...(await sql.unsafe<Row[]>(statement))], { retry: true });
  const applied = await readApplied({ run });
  assertProgramMayRun(applied, VERSION);
  return pendingAfter(applied).length === 0;
}

/** Migrations of this program that are not among these. */
function pendingAfter(applied: readonly AppliedMigration[]): string[] {
  const names = new Set(applied.map(({ name }) => name));
  return MIGRATIONS.map(({ name }) => name).filter((name) => !names.has(name));
}

export async function readApplied(session: Pick<Session, 'run'>): Promise<AppliedMigration[]> {
  try {
    return await session.run<AppliedMigration>('select name, requires from migrations order by name');
  } catch (error) {
    if (codeOf(error) === UNDEFINED_TABLE) return [];
    throw error;
  }
}

export function assertProgramMayRun(applied: readonly AppliedMigration[], programVersion: string): void {
  const blocking = applied.find(({ requires }) => Bun.semver.order(programVersion, requires) < 0);
  if (!blocking) return;
  throw new DatabaseTooNewError(
    `The database was migrated to ${blocking.name}, which needs hop ${blocking.requires} or newer; ` +
      `this is hop ${programVersion}. Run a newer hop, or restore a backup made before the upgrade.`,
  );
}
