import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { EmbeddedDatabaseError } from './error.ts';
import type { LaunchCommand, Launcher } from './launcher.ts';

/** The major version of the binaries in package.json. */
const MAJOR_VERSION = '18';

// Independent of the machine's locale and of its C library's version, so that indexes stay valid when data are moved.
const INITDB_ARGUMENTS = [
  ...['--username=hop', '--auth=trust', '--no-instructions', '--encoding=UTF8'],
  ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  // Tuning for a small server, into postgresql.conf, where it may be changed.
  ...['-c', 'max_wal_size=256MB', '-c', 'io_method=sync', '-c', 'log_checkpoints=off'],
];

const SINGLE_USER = ['--single', '-c', 'exit_on_error=on', '-c', 'log_min_messages=error', 'postgres'];

/** Says whether `directory` holds data of ours. @throws EmbeddedDatabaseError when it holds something else */
export function isInitialised(directory: string): boolean {
  if (!existsSync(directory)) return false;
  const version = readVersion(directory);
  if (version === MAJOR_VERSION) return true;
  throw new EmbeddedDatabaseError(
    version === undefined
      ? `${directory} is not a PostgreSQL data directory. Move it away, or choose another DATA_DIR.`
      : `${directory} was written by PostgreSQL ${version}; this hop has PostgreSQL ${MAJOR_VERSION}. Start the hop that wrote it and move the data with pg_dump, or choose another DATA_DIR.`,
  );
}

/** Makes the data directory with its database `hop`. It gets its name last, so a crash leaves nothing half made. */
export async function initialise(directory: string, launcher: Launcher): Promise<void> {
  const fresh = `${directory}.new`;
  rmSync(fresh, { recursive: true, force: true });
  try {
    await fill(fresh, launcher);
    renameSync(fresh, directory);
    syncDirectory(dirname(directory));
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
}

async function fill(directory: string, launcher: Launcher): Promise<void> {
  mkdirSync(directory, { mode: 0o700 });
  if (launcher.owner) chownSync(directory, launcher.owner.uid, launcher.owner.gid);
  await run(launcher.command('initdb', directory, INITDB_ARGUMENTS));
  // With no server to connect to: the single-user mode.
  await run(launcher.command('postgres', directory, SINGLE_USER), 'create database hop\n');
}

async function run(command: LaunchCommand, input = ''): Promise<void> {
  const child = Bun.spawn({ ...command, stdin: new Blob([input]), stdout: 'pipe', stderr: 'pipe' });
  const [output, errors, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (exitCode === 0) return;
  const said = (errors || output).trim();
  throw new EmbeddedDatabaseError(
    `Cannot initialise the embedded database in ${command.cwd}: ${said}${adviceFor(said)}`,
  );
}

/** What to do about the two failures that PostgreSQL's own words leave in the dark. */
function adviceFor(said: string): string {
  if (/No space left|Check free disk space/.test(said)) return '\nFree some space, or choose another DATA_DIR.';
  if (!said.includes('could not look up effective user ID')) return '';
  return '\nRun hop as a user that /etc/passwd names, or set DATABASE_URL to use a server of your own.';
}

function readVersion(directory: string): string | undefined {
  const file = join(directory, 'PG_VERSION');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** Makes the new name itself durable. */
function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
