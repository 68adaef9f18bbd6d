import { VERSION } from '../lib/version.ts';
import type { Logger } from '../observability/log.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';
import { assertProgramMayRun, readApplied } from './schema-version.ts';
import { openSession, type Session } from './session.ts';
import { splitStatements } from './statements.ts';

/** "hop" in ASCII; any number would do, as long as every version uses the same. */
const ADVISORY_LOCK = 0x686f70;
/** Waiting longer for a table would queue every reader behind us; failing is better, a migration can be run again. */
const LOCK_TIMEOUT_MS = 10_000;
/** The server ends a slow statement itself; only a peer that says nothing at all runs into ours. */
const DEADLINE_MARGIN_MS = 1_000;

export interface MigrateOptions {
  readonly databaseUrl: string;
  readonly log: Logger;
  readonly programVersion?: string;
  readonly migrations?: readonly Migration[];
  /** The longest that one statement, or the wait for another migrator, may take. */
  readonly timeoutMs?: number;
}

/**
 * Brings the database to the newest schema, each missing migration in a transaction of its own, and returns the names
 * of those that it applied itself. Safe to call from any number of processes at once. Rejects in bounded time when the
 * database is away, dies in between (nothing of that migration stays), or demands a newer program.
 */
export async function migrate(options: MigrateOptions): Promise<{ applied: string[] }> {
  const { databaseUrl, log, programVersion = VERSION, migrations = MIGRATIONS } = options;
  const timeoutMs = options.timeoutMs ?? 600_000;
  const session = await openSession(databaseUrl, { timeoutMs: timeoutMs + DEADLINE_MARGIN_MS });
  try {
    const present = await readApplied(session);
    assertProgramMayRun(present, programVersion);
    const names = new Set(present.map(({ name }) => name));
    const applied: string[] = [];
    for (const migration of migrations.filter(({ name }) => !names.has(name))) {
      if (!(await apply(session, migration, timeoutMs))) continue;
      log.info('migration applied', { migration: migration.name });
      applied.push(migration.name);
    }
    return { applied };
  } finally {
    await session.close();
  }
}

/** False when another process has applied it meanwhile. */
async function apply(session: Session, migration: Migration, timeoutMs: number): Promise<boolean> {
  await session.run('begin');
  try {
    await session.run(`set local statement_timeout = ${timeoutMs}`);
    const isOurs = await claim(session, migration);
    if (isOurs) await runStatements(session, migration);
    await session.run(isOurs ? 'commit' : 'rollback');
    return isOurs;
  } catch (error) {
    await session.run('rollback').catch(() => {}); // a lost connection has been rolled back by the server
    throw error;
  }
}

/**
 * The bookkeeping row comes first: whoever wins it applies the migration, the others find it and go on. The lock, held
 * until the transaction ends (and so safe behind PgBouncer), only makes them wait for it in order and lets the table
 * be created once; it is a statement of its own because a later statement sees what its holder has committed.
 */
async function claim(session: Session, { name, requires }: Migration): Promise<boolean> {
  await session.run(`select pg_advisory_xact_lock(${ADVISORY_LOCK})`);
  await session.run(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await session.run(
    'create table if not exists migrations (name text primary key, requires text not null, applied_at timestamptz not null default now())',
  );
  const rows = await session.run(
    'insert into migrations (name, requires) values ($1, $2) on conflict do nothing returning name',
    [name, requires],
  );
  return rows.length === 1;
}

async function runStatements(session: Session, { name, sql }: Migration): Promise<void> {
  for (const [index, statement] of splitStatements(sql).entries()) {
    try {
      await session.run(statement);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`migration ${name}, statement ${index + 1}: ${reason}`, { cause: error });
    }
  }
}
