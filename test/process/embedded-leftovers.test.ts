import { afterAll, beforeAll, expect, test } from 'bun:test';
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locateBinaries } from '../../src/db/embedded/binaries.ts';
import { chooseLauncher } from '../../src/db/embedded/launcher.ts';
import { MARK } from '../../src/db/embedded/postmaster.ts';
import { isAlive, until } from './fixtures/programs.ts';
import { Servers, start } from './fixtures/servers.ts';

/** One initialised folder, for tests that each leave something of an earlier server in it. */
const servers = new Servers();
const dataDir = servers.newDataDir();
const directory = join(dataDir, 'pg');

beforeAll(async () => {
  chmodSync(servers.folder, 0o711);
  const server = await start(dataDir);
  await server.stop();
});
afterAll(() => servers[Symbol.asyncDispose]());

/** A `postmaster.pid` as a server with this pid would have left it. */
function writePidFile(pid: number | string): void {
  const file = join(directory, 'postmaster.pid');
  writeFileSync(file, `${pid}\n${directory}\n1795479113\n5432\n.\n\n  2171337        10\nready   \n`, { mode: 0o600 });
  const { uid, gid } = statSync(directory);
  chownSync(file, uid, gid);
}

/** Runs a shell script as the user that the server runs as: PostgreSQL takes only those for a server of its own. */
function asServerUser(script: string, ...args: string[]) {
  const { uid, gid } = statSync(directory);
  const user = process.getuid?.() === 0 ? { uid, gid } : {};
  return servers.start(['/bin/sh', '-c', script, 'sh', ...args], user);
}

async function expectToStart(): Promise<void> {
  const server = await start(dataDir);
  await server.stop();
}

/** A server that no hop owns. */
async function startByHand(...options: string[]): Promise<number> {
  const command = chooseLauncher(locateBinaries(), directory).command('postgres', directory, options);
  const server = Bun.spawn({ ...command, stdout: 'ignore', stderr: 'ignore', stdin: 'ignore' });
  await until(async () =>
    (
      await Bun.file(join(directory, 'postmaster.pid'))
        .text()
        .catch(() => '')
    ).includes('ready'),
  );
  return server.pid;
}

test('the pid of a process that is gone does not hinder a start', async () => {
  const { process: gone } = servers.start(['true']);
  await gone.exited;
  writePidFile(gone.pid);
  await expectToStart();
});

test('the pid of a stranger, got by chance, does not hinder a start', async () => {
  const [, pid = ''] = await asServerUser('echo "ready $$"; exec sleep 30').line('ready');
  writePidFile(pid);
  await expectToStart();
});

test('a zombie server does not hinder a start', async () => {
  const folder = join(servers.folder, 'bin');
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  symlinkSync('/bin/true', join(folder, 'postgres'));
  // The shell becomes a sleep, which never asks for its child's exit status.
  const parent = asServerUser('"$1" & echo "ready $!"; exec sleep 30', join(folder, 'postgres'));
  const [, pid = ''] = await parent.line('ready');
  await until(() => !isAlive(Number(pid)));
  writePidFile(pid);
  await expectToStart();
});

test('a running server whose hop is gone is ended and replaced', async () => {
  const pid = await startByHand('-c', MARK, '-c', 'listen_addresses=', '-k', '.');
  await expectToStart();
  expect(isAlive(pid)).toBe(false);
});

test('a server that somebody started by hand is left alone, and the start is refused', async () => {
  const pid = await startByHand('-c', 'listen_addresses=', '-k', '.');
  await expect(start(dataDir)).rejects.toThrow(`A PostgreSQL server (process ${pid}) already runs on ${directory}.`);
  expect(isAlive(pid)).toBe(true);
  process.kill(pid, 'SIGQUIT');
  await until(() => !isAlive(pid));
});
