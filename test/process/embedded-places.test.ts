import { afterAll, describe, expect, test } from 'bun:test';
import { chmodSync, chownSync, cpSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locateBinaries } from '../../src/db/embedded/binaries.ts';
import { tryLock } from '../../src/lib/lifecycle/exclusive-lock.ts';
import { countRows, insertRow, Servers, start } from './fixtures/servers.ts';

const servers = new Servers();
afterAll(() => servers[Symbol.asyncDispose]());

const NOBODY = 65534;
/** No entry of /etc/passwd has it. */
const NAMELESS = 4_321_987;
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];

/** A copy of the binaries as an installation without postinstall scripts leaves them. */
function copyWithoutLinks(target: string): string {
  cpSync(locateBinaries(), target, { recursive: true, verbatimSymlinks: true });
  for (const name of readdirSync(join(target, 'lib'))) {
    const file = join(target, 'lib', name);
    if (lstatSync(file).isSymbolicLink()) rmSync(file);
  }
  return target;
}

test('data and binaries may lie below a folder that only its owner may enter, and missing library links are made', async () => {
  const closed = join(servers.folder, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const server = await start(join(closed, 'data'), { binaries: copyWithoutLinks(join(closed, 'native')) });
  await insertRow(server.databaseUrl);
  expect(await countRows(server.databaseUrl)).toBe(1);
  await server.stop();
});

test.if(process.platform === 'linux')('DATA_DIR may be longer than the address of a socket', async () => {
  const server = await start(join(servers.folder, 'x'.repeat(120), 'y z'.repeat(40)));
  await insertRow(server.databaseUrl);
  await server.stop();
});

const nobodyMayReadUs = Bun.spawnSync([...AS_NOBODY, 'test', '-r', import.meta.path]).success;
if (!nobodyMayReadUs)
  console.log('skipped: an ordinary user as owner (needs root, and a project that others may read)');
test.if(nobodyMayReadUs)('an ordinary user runs the server as itself', async () => {
  chmodSync(servers.folder, 0o711);
  const dataDir = servers.newDataDir();
  mkdirSync(dataDir, { mode: 0o700 });
  chownSync(dataDir, NOBODY, NOBODY);
  const { program, url } = await servers.owner([dataDir], AS_NOBODY);
  await insertRow(url);
  program.process.kill('SIGTERM');
  expect(await program.process.exited).toBe(0);
});

test.if(nobodyMayReadUs)('a user without a name is told to take one that has', async () => {
  chmodSync(servers.folder, 0o711);
  const dataDir = servers.newDataDir();
  mkdirSync(dataDir, { mode: 0o700 });
  chownSync(dataDir, NAMELESS, NAMELESS);
  const asNameless = ['setpriv', `--reuid=${NAMELESS}`, `--regid=${NAMELESS}`, '--clear-groups'];
  const program = servers.fixture('embedded', [dataDir], asNameless);
  await program.process.exited;
  expect(program.output).toContain('Run hop as a user that /etc/passwd names');
});

describe('a start is refused with what to do', () => {
  const refusal = (dataDir: string) => start(dataDir).then(() => 'started', String);

  test('when DATA_DIR cannot be made', async () => {
    const file = servers.newDataDir();
    writeFileSync(file, '');
    expect(await refusal(join(file, 'data'))).toContain('Choose another DATA_DIR.');
    expect(await refusal(file)).toContain('Choose another DATA_DIR.');
  });

  test('when the data are of another major version', async () => {
    const dataDir = servers.newDataDir();
    mkdirSync(join(dataDir, 'pg'), { recursive: true });
    writeFileSync(join(dataDir, 'pg', 'PG_VERSION'), '17\n');
    expect(await refusal(dataDir)).toContain('written by PostgreSQL 17; this hop has PostgreSQL 18.');
  });

  test('when something else has the place of the data', async () => {
    const dataDir = servers.newDataDir();
    mkdirSync(join(dataDir, 'pg'), { recursive: true });
    expect(await refusal(dataDir)).toContain('is not a PostgreSQL data directory. Move it away');
  });

  test('when the folder is locked, be it by this very process', async () => {
    const dataDir = servers.newDataDir();
    mkdirSync(dataDir);
    const lock = tryLock(join(dataDir, 'hop.lock'));
    expect(await refusal(dataDir)).toContain('Another hop is using');
    lock?.release();
  });
});
