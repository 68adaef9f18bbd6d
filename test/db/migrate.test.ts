import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { migrate } from '../../src/db/migrate.ts';
import { MIGRATIONS, type Migration } from '../../src/db/migrations.ts';
import { checkSchema } from '../../src/db/schema-version.ts';
import { openSession } from '../../src/db/session.ts';
import { createLogger } from '../../src/observability/log.ts';
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts';
import { rejection } from '../support/rejection.ts';
import { connect } from '../support/sql.ts';

const NAMES = MIGRATIONS.map(({ name }) => name);
const log = createLogger('silent');

let database: TestDatabase;
beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(() => database.drop());

function run(migrations: readonly Migration[], options: { timeoutMs?: number; programVersion?: string } = {}) {
  return migrate({ databaseUrl: database.url, log, migrations, ...options });
}

function migration(name: string, sql: string, requires = '0.1.0'): Migration {
  return { name, requires, sql };
}

async function tables(): Promise<string[]> {
  await using sql = connect(database.url);
  const rows = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'migrations' order by 1`;
  return rows.map(({ name }) => name);
}

describe('an empty database', () => {
  test('is migrated by each migration once', async () => {
    expect(await checkSchema(database.url)).toEqual({ pending: NAMES });
    expect(await migrate({ databaseUrl: database.url, log })).toEqual({ applied: NAMES });
    expect(await tables()).toContain('short_urls');
    expect(await checkSchema(database.url)).toEqual({ pending: [] });
    expect(await migrate({ databaseUrl: database.url, log })).toEqual({ applied: [] });
  });

  test('is migrated once by ten processes that start at the same time', async () => {
    const processes = Array.from({ length: 10 }, () =>
      Bun.spawn([process.execPath, `${import.meta.dir}/../support/migrate-process.ts`, database.url], {
        stderr: 'pipe',
      }),
    );
    const ends = await Promise.all(
      processes.map(async ({ exited, stdout, stderr }) => ({
        exitCode: await exited,
        applied: JSON.parse((await stdout.text()) || 'null'),
        stderr: await stderr.text(),
      })),
    );
    for (const end of ends) expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    // The lock is held for one migration at a time, so several processes may have a share in them.
    expect(ends.flatMap(({ applied }) => applied).sort()).toEqual([...NAMES]);
  }, 30_000);

  test('is migrated by its owner, who is no superuser', async () => {
    const role = `${new URL(database.url).pathname.slice(1)}_owner`;
    await using sql = connect(database.url);
    await sql`create role ${sql(role)} login password 'secret'`;
    await sql`alter database ${sql(new URL(database.url).pathname.slice(1))} owner to ${sql(role)}`;
    try {
      const url = new URL(database.url);
      url.username = role;
      url.password = 'secret';
      expect(await migrate({ databaseUrl: url.href, log })).toEqual({ applied: NAMES });
    } finally {
      await sql`reassign owned by ${sql(role)} to current_user`;
      await sql`drop role ${sql(role)}`;
    }
  });
});

describe('a migration that fails', () => {
  const good = migration('0001_good', 'create table good (id int);');
  const bad = migration('0002_bad', 'create table half (id int); select 1 / 0;');

  test('leaves nothing of itself, keeps those before it, and can be run again when mended', async () => {
    expect((await rejection(run([good, bad]))).message).toContain('migration 0002_bad, statement 2: division by zero');
    expect(await tables()).toEqual(['good']);
    const mended = migration(bad.name, 'create table half (id int);');
    expect(await run([good, mended])).toEqual({ applied: [bad.name] });
    expect(await tables()).toEqual(['good', 'half']);
  });

  test('is not tried again by those who waited for it as if it were done', async () => {
    const results = await Promise.allSettled([run([bad]), run([bad]), run([bad])]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await tables()).toEqual([]);
  });
});

describe('a database of a newer hop', () => {
  test('is refused when it demands a newer program, with a message that says what to do', async () => {
    await run([migration('0001_a', 'select 1;'), migration('0002_b', 'select 1;', '0.10.0')], {
      programVersion: '0.10.0',
    });
    const message = 'migrated to 0002_b, which needs hop 0.10.0 or newer; this is hop 0.9.1. Run a newer hop';
    expect((await rejection(checkSchema(database.url, '0.9.1'))).message).toContain(message);
    const older = run([migration('0003_c', 'create table c ();')], { programVersion: '0.9.1' });
    expect((await rejection(older)).message).toContain(message);
    expect(await tables()).toEqual([]);
  });

  test('is served by an older program that its migrations allow', async () => {
    await run([...MIGRATIONS, migration('9999_newer', 'create table newer ();')]);
    expect(await checkSchema(database.url)).toEqual({ pending: [] });
    expect(await migrate({ databaseUrl: database.url, log })).toEqual({ applied: [] });
  });
});

describe('a backend that dies', () => {
  test('in the middle of a statement rejects at once and leaves nothing', async () => {
    const migrating = run([migration('0001_slow', 'create table half (id int); select pg_sleep(60);')]);
    migrating.catch(() => {}); // handled below
    const startedAt = performance.now();
    await terminate('select pg_sleep(60)');
    expect((await rejection(migrating)).message).toContain('migration 0001_slow, statement 2: ');
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(await tables()).toEqual([]);
    expect(await migrate({ databaseUrl: database.url, log })).toEqual({ applied: NAMES });
  });

  test('between two statements is not replaced: the second is not run on another connection', async () => {
    const session = await openSession(database.url, { timeoutMs: 2_000 });
    await session.run('begin');
    await session.run('create table half (id int)');
    await terminate('create table half (id int)');
    expect(await rejection(session.run('create table other_half (id int)'))).toBeInstanceOf(Error);
    expect((await rejection(session.run('commit'))).message).toContain('the connection to the database was lost');
    await session.close();
    expect(await tables()).toEqual([]);
  });

  /** Ends the backend whose last statement is that one, as soon as there is one. */
  async function terminate(statement: string): Promise<void> {
    await using sql = connect(database.url);
    for (let attempt = 0; attempt < 300; attempt++) {
      const ended = await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query = ${statement} and pid <> pg_backend_pid()`;
      if (ended.length > 0) return;
      await Bun.sleep(10);
    }
    throw new Error(`nobody runs ${statement}`);
  }
});

test('waiting for another migrator ends in time', async () => {
  await using sql = connect(database.url);
  await sql`select pg_advisory_lock(${0x686f70})`;
  expect((await rejection(run(MIGRATIONS, { timeoutMs: 200 }))).message).toContain(
    'canceling statement due to statement timeout',
  );
  await sql`select pg_advisory_unlock_all()`;
  expect(await run(MIGRATIONS, { timeoutMs: 2_000 })).toEqual({ applied: NAMES });
});
