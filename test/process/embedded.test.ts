import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, kill, until } from './fixtures/programs.ts';
import { countRows, insertRow, query, Servers, type Sql, start } from './fixtures/servers.ts';

const servers = new Servers();
afterAll(() => servers[Symbol.asyncDispose]());

const NO_SETPRIV = { PATH: '/nowhere' };

test('a server starts in an empty folder, stops, and finds its data when it starts again; durable, and by its socket only', async () => {
  const dataDir = servers.newDataDir();
  const progress: string[] = [];
  const onProgress = (message: string) => progress.push(message);
  const first = await start(dataDir, { onProgress });
  await insertRow(first.databaseUrl);
  await first.stop();
  expect(await first.exited).toBe(0);
  expect(existsSync(join(dataDir, 'pg', 'postmaster.pid'))).toBe(false);

  const second = await start(dataDir, { onProgress });
  expect(await countRows(second.databaseUrl)).toBe(1);
  expect(statSync(join(dataDir, 'pg')).mode & 0o777).toBe(0o700);
  const [settings] = await query(second.databaseUrl, readSettings);
  expect(settings).toEqual({ user: 'hop', database: 'hop', tcp: '', fsync: 'on', commit: 'on' });
  expect(progress).toEqual(['initialising the database…', 'starting the database…', 'starting the database…']);
  await second.stop();
});

describe('when its owner is killed', () => {
  test.each([
    ['by setpriv', undefined],
    ['by a watching shell where setpriv is missing', NO_SETPRIV],
  ])('the server ends %s, and the next start finds every acknowledged row', async (_, env) => {
    const dataDir = servers.newDataDir();
    const { program, pid, url } = await servers.owner([dataDir], [], env);
    await insertRow(url);
    program.process.kill('SIGKILL');
    await until(() => !isAlive(pid));
    const next = await start(dataDir);
    expect(await countRows(next.databaseUrl)).toBe(1);
    await next.stop();
  });

  test('together with all processes of the server, the next start finds every acknowledged row', async () => {
    const dataDir = servers.newDataDir();
    const { program, pid, url } = await servers.owner([dataDir]);
    await insertRow(url);
    const processes = await query(url, (sql) => sql<{ pid: number }[]>`select pid from pg_stat_activity`);
    for (const victim of [program.process.pid, pid, ...processes.map((row) => row.pid)]) kill(victim);
    const next = await start(dataDir);
    expect(await countRows(next.databaseUrl)).toBe(1);
    await next.stop();
  });
});

test('an owner that is asked to end stops its server first, also where setpriv is missing', async () => {
  const { program, pid } = await servers.owner([servers.newDataDir()], [], NO_SETPRIV);
  program.process.kill('SIGTERM');
  expect(await program.process.exited).toBe(0);
  expect(isAlive(pid)).toBe(false);
});

test('of two starts at once on one folder, one comes up and the other is refused', async () => {
  const dataDir = servers.newDataDir();
  const starts = [1, 2].map(() => servers.fixture('embedded', [dataDir]));
  await until(() => starts.every(({ output }) => output !== ''));
  const outputs = starts.map(({ output }) => output).sort();
  expect(outputs).toEqual([
    expect.stringContaining(`Another hop is using ${dataDir}`),
    expect.stringMatching(/^ready/),
  ]);
});

function readSettings(sql: Sql) {
  return sql`
    select current_user as user, current_database() as database, current_setting('listen_addresses') as tcp,
      current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`;
}
