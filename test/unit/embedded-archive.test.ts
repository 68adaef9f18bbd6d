import { afterAll, describe, expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Archive, findArchive, unpack } from '../../src/db/embedded/archive.ts';
import { rejection } from '../support/rejection.ts';

const root = mkdtempSync(join(tmpdir(), 'hop-archive-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
const newFolder = () => join(root, String(++folders), 'postgresql');
const silent = () => {};

async function archive(version: string, text = 'the program'): Promise<Archive> {
  const tar = await new Bun.Archive({ 'bin/postgres': text }).bytes();
  return { version, file: new Blob([Bun.zstdCompressSync(tar)]) };
}

describe('the archive', () => {
  test('is found among the files of the binary by its name, which says its version and digest', () => {
    const files = [new File(['page'], 'index-abc.html'), new File([], 'postgresql-18.4.0-beta.17.tar-wnk606p9.zst')];
    expect(findArchive(files)?.version).toBe('18.4.0-beta.17-wnk606p9');
    expect(findArchive(files.slice(0, 1))).toBeUndefined();
  });

  test('is absent when hop runs from its source', () => {
    expect(findArchive()).toBeUndefined();
  });
});

describe('unpacking', () => {
  test('happens once for each version', async () => {
    const folder = newFolder();
    const directory = await unpack(await archive('18.1-a'), folder, silent);
    expect(directory).toBe(join(folder, '18.1-a'));
    const messages: string[] = [];
    await unpack(await archive('18.1-a', 'another'), folder, (message) => messages.push(message));
    expect(readFileSync(join(directory, 'bin', 'postgres'), 'utf8')).toBe('the program');
    expect(messages).toEqual([]);
  });

  test('removes other versions, and what a start left that was killed meanwhile', async () => {
    const folder = newFolder();
    await unpack(await archive('18.1-a'), folder, silent);
    mkdirSync(join(folder, 'new.xyz', 'bin'), { recursive: true });
    await unpack(await archive('18.2-b'), folder, silent);
    expect(readdirSync(folder)).toEqual(['18.2-b']);
  });

  test('makes what all may read, whatever the umask', async () => {
    const before = process.umask(0o077);
    try {
      const directory = await unpack(await archive('18.1-a'), newFolder(), silent);
      for (const path of [join(directory, '..'), directory, join(directory, 'bin')]) {
        expect(statSync(path).mode & 0o777).toBe(0o755);
      }
    } finally {
      process.umask(before);
    }
  });

  test('that fails leaves nothing, and says what to do', async () => {
    const folder = newFolder();
    const broken = { version: '18.1-a', file: new Blob(['no archive']) };
    const { message } = await rejection(unpack(broken, folder, silent));
    expect(message).toStartWith(`Cannot unpack PostgreSQL into ${folder}: `);
    expect(message).toEndWith('Free some space, or choose another DATA_DIR.');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('where nothing can be written says so', async () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');
    expect((await rejection(unpack(await archive('18.1-a'), join(file, 'pg'), silent))).message).toContain('ENOTDIR');
    expect(existsSync(join(file, 'pg'))).toBe(false);
  });
});
