import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { locateBinaries, repairLibraryLinks } from '../src/db/embedded/binaries.ts';

/** `bun run build [FILE]`: the one executable (default dist/hop), for the platform that it is built on. */

const ROOT = join(import.meta.dir, '..');
const OUTPUT = resolve(process.argv[2] ?? join(ROOT, 'dist', 'hop'));

/** 19 saves 2 of the 130 MB and takes 25 s instead of 1.5. */
const ZSTD_LEVEL = 9;

// The same bytes from every build with GNU tar: DATA_DIR keeps its copy for as long as they stay the same.
const REPRODUCIBLE = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX'];
const TAR_OPTIONS = ['-cf', '-', ...(process.platform === 'linux' ? REPRODUCIBLE : []), '--exclude=*.a'];

mkdirSync(dirname(OUTPUT), { recursive: true });
// Beside the output, to which it is renamed when it is whole; the source maps, which the binary holds too, go with it.
const folder = mkdtempSync(`${OUTPUT}.`);
try {
  await compile(join(folder, 'hop'), await packPostgres(folder));
  renameSync(join(folder, 'hop'), OUTPUT);
  console.log(`${OUTPUT}  ${(statSync(OUTPUT).size / 1e6).toFixed(0)} MB`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Source, SQL, page assets and PostgreSQL in one file, which needs nothing beside it when it runs. */
async function compile(outfile: string, archive: string): Promise<void> {
  await Bun.build({
    // The archive is no module of ours: as an entry of its own it is embedded, and found in Bun.embeddedFiles.
    entrypoints: [join(ROOT, 'src', 'main.ts'), archive],
    root: ROOT,
    target: 'bun',
    // Else it would read .env and run what bunfig.toml names in whatever folder it is started in.
    compile: { outfile, autoloadDotenv: false, autoloadBunfig: false },
    define: { 'process.env.NODE_ENV': '"production"' },
    // Renaming breaks Elysia, which reads the text of handlers.
    minify: { whitespace: true, syntax: true, identifiers: false },
    // Start to listening takes 30 ms instead of 57. ESM, because main.ts awaits at its top level.
    bytecode: true,
    format: 'esm',
    sourcemap: 'inline', // so that stack traces in logs name our lines
  });
}

/** Packs the npm package's binaries with links and modes, which Bun.Archive would drop. */
async function packPostgres(into: string): Promise<string> {
  const native = locateBinaries();
  repairLibraryLinks(native);
  const { version } = await Bun.file(join(native, '..', 'package.json')).json();
  // Copied first: the package's files are hard links into Bun's cache, and tar fails ("file changed as we read it")
  // when an install elsewhere links them once more meanwhile.
  const copy = join(into, 'postgresql');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  const tar = Bun.spawnSync(['tar', ...TAR_OPTIONS, '-C', copy, 'bin', 'lib', 'share'], { stderr: 'inherit' });
  if (!tar.success) throw new Error(`tar ended with ${tar.exitCode}`);
  const archive = join(into, `postgresql-${version}.tar.zst`);
  await Bun.write(archive, await Bun.zstdCompress(tar.stdout, { level: ZSTD_LEVEL }));
  return archive;
}
