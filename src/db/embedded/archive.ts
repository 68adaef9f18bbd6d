import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedDatabaseError } from './error.ts';

/** PostgreSQL's `bin`, `lib` and `share` as scripts/build.ts put them into the binary: a tar packed by zstd. */
export interface Archive {
  /** Names these contents and no others: the package's version and a digest. */
  readonly version: string;
  readonly file: Blob;
}

/** `postgresql-VERSION.tar.zst`, between whose last two parts the bundler puts the digest. */
const NAME = /^postgresql-(.+)\.tar-(\w+)\.zst$/;

const SYNCS_AT_ONCE = 64;

/** The archive in this binary; undefined when hop runs from its source. */
export function findArchive(files: readonly Blob[] = Bun.embeddedFiles): Archive | undefined {
  for (const file of files) {
    const [, version, digest] = NAME.exec('name' in file ? String(file.name) : '') ?? [];
    if (version !== undefined) return { version: `${version}-${digest}`, file };
  }
  return undefined;
}

/**
 * Unpacks the archive below `folder`, unless that has been done, and removes what other versions of hop have left
 * there. Resolves with the directory. Not for two processes at once: the caller holds the lock of DATA_DIR.
 * @throws EmbeddedDatabaseError when it cannot be written
 */
export async function unpack(archive: Archive, folder: string, onProgress: (message: string) => void): Promise<string> {
  const directory = join(folder, archive.version);
  if (existsSync(directory)) return directory;
  onProgress('unpacking PostgreSQL…');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    removeAll(folder);
    await place(archive, folder, directory);
    return directory;
  } catch (cause) {
    removeAll(folder);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EmbeddedDatabaseError(
      `Cannot unpack PostgreSQL into ${folder}: ${reason}. Free some space, or choose another DATA_DIR.`,
      { cause },
    );
  }
}

/** The directory gets its name last and after a sync: neither a kill nor a loss of power leaves half of it there. */
async function place({ file }: Archive, folder: string, directory: string): Promise<void> {
  const fresh = mkdtempSync(join(folder, 'new.'));
  await new Bun.Archive(await Bun.zstdDecompress(await file.bytes())).extract(fresh);
  openToAll(folder);
  await syncTree(fresh);
  renameSync(fresh, directory);
  await sync(folder);
}

function removeAll(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** Whatever our umask: root's server runs as somebody else. */
function openToAll(folder: string): void {
  Bun.spawnSync(['chmod', '-R', 'a+rX', folder]);
}

/** Some at a time: half the time of one after the other, and far below the limit of open files. */
async function syncTree(folder: string): Promise<void> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => !e.isSymbolicLink());
  const paths = [folder, ...entries.map((entry) => join(entry.parentPath, entry.name))];
  for (let at = 0; at < paths.length; at += SYNCS_AT_ONCE) {
    await Promise.all(paths.slice(at, at + SYNCS_AT_ONCE).map(sync));
  }
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}
