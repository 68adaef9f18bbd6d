import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { copyBinaries } from './binaries.ts';
import { EmbeddedDatabaseError } from './error.ts';

/** How programs of PostgreSQL are run on this machine by this user. */
export interface Launcher {
  /** Whom the data must belong to; undefined: to the user of this process. */
  readonly owner: Owner | undefined;
  /** Whether the kernel ends the programs with this process. */
  readonly endsWithParent: boolean;
  /** What Bun.spawn needs to run `program` (`initdb`, `postgres`) on the data directory `directory`. */
  command(program: string, directory: string, args: readonly string[]): LaunchCommand;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface LaunchCommand {
  readonly cmd: string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly uid?: number;
  readonly gid?: number;
}

/** Where the binaries can be seen from, and what must run before them to make it so. */
interface View {
  readonly native: string;
  readonly prefix: readonly string[];
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * PostgreSQL refuses to run as root, so root drops to an unprivileged user, who may be unable to reach binaries that
 * lie below root's home: then they are shown, or failing that copied, to a place that all may enter.
 * `directory` is the data directory, or where there is none yet, the folder in which it will be made.
 */
export function chooseLauncher(native: string, directory: string): Launcher {
  const owner = process.getuid?.() === 0 ? unprivilegedOwner(directory) : undefined;
  const views = owner ? [plainView, mountedView, copiedView] : [plainView];
  const complaints: string[] = [];
  for (const view of views) {
    const launcher = makeLauncher(view(native), owner);
    const complaint = probe(launcher, directory);
    if (complaint === undefined) return launcher;
    complaints.push(complaint);
  }
  throw new EmbeddedDatabaseError(
    `The embedded PostgreSQL does not run here: ${complaints[0]}. Set DATABASE_URL to use a server of your own.`,
  );
}

function makeLauncher(view: View, owner: Owner | undefined): Launcher {
  const setpriv = findSetpriv();
  return {
    owner,
    endsWithParent: setpriv !== undefined,
    command: (program, directory, args) => ({
      cmd: [...view.prefix, ...(setpriv ? privileges(setpriv, owner) : []), join(view.native, 'bin', program), ...args],
      cwd: directory,
      env: { PATH, LC_ALL: 'C', TZ: 'UTC', PGDATA: nameOf(directory, owner) },
      ...(!setpriv && owner),
    }),
  };
}

/** Last in the chain: a later change of user would clear the signal that the kernel sends when the parent dies. */
function privileges(setpriv: string, owner: Owner | undefined): string[] {
  const drop = owner ? [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'] : [];
  // Not INT: PostgreSQL can hang for ever on it when a backend was killed just before.
  return [setpriv, ...drop, '--pdeathsig=QUIT', '--'];
}

/**
 * The way by /proc needs no right to enter the folders above, of which one may be only root's. It holds because
 * PostgreSQL's processes never leave their data directory.
 */
function nameOf(directory: string, owner: Owner | undefined): string {
  return owner && process.platform === 'linux' ? '/proc/self/cwd' : directory;
}

/** BusyBox has a setpriv that lacks the option; macOS has none. */
function findSetpriv(): string | undefined {
  const setpriv = Bun.which('setpriv');
  return setpriv && Bun.spawnSync([setpriv, '--pdeathsig=QUIT', 'true']).success ? setpriv : undefined;
}

function plainView(native: string): View {
  return { native, prefix: [] };
}

/** Bound over /mnt for these processes alone; nothing is left behind. Containers usually may not. */
function mountedView(native: string): View {
  const script = 'mount --bind "$1" /mnt && shift && exec "$@"';
  return { native: '/mnt', prefix: ['unshare', '--mount', '--propagation=private', 'sh', '-c', script, 'sh', native] };
}

function copiedView(native: string): View {
  return plainView(copyBinaries(native));
}

/** Keeps the owner that the data already has; else `nobody`, since initdb wants a user with a name. */
function unprivilegedOwner(directory: string): Owner {
  const { uid, gid } = statSync(directory);
  return uid === 0 ? nobody() : { uid, gid };
}

function nobody(): Owner {
  const entries = readFileSync('/etc/passwd', 'utf8').split('\n');
  const [, , uid = '65534', gid = '65534'] = entries.find((entry) => entry.startsWith('nobody:'))?.split(':') ?? [];
  return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }; // macOS writes -2
}

/** Undefined if the binaries run, else what they or the system said. */
function probe(launcher: Launcher, directory: string): string | undefined {
  try {
    const result = Bun.spawnSync(launcher.command('postgres', directory, ['--version']));
    return result.success ? undefined : result.stderr.toString().trim();
  } catch (error) {
    return String(error);
  }
}
