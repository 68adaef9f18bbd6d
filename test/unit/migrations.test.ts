import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { MIGRATIONS, parseMigration } from '../../src/db/migrations.ts';
import { splitStatements } from '../../src/db/statements.ts';
import { VERSION } from '../../src/lib/version.ts';

const DIRECTORY = new URL('../../db/migrations/', import.meta.url);

test('every file in db/migrations is embedded, in the order of its number', () => {
  const files = readdirSync(DIRECTORY).sort();
  expect(MIGRATIONS.map(({ name }) => `${name}.sql`)).toEqual(files);
  expect(MIGRATIONS.map(({ sql }) => sql)).toEqual(files.map((file) => readFileSync(new URL(file, DIRECTORY), 'utf8')));
  for (const [index, file] of files.entries()) {
    expect(file).toMatch(/^\d{4}_[a-z0-9_]+\.sql$/);
    expect(Number(file.slice(0, 4))).toBe(index + 1);
  }
});

test('every migration can be split, and run by the program that brings it', () => {
  for (const { sql, requires } of MIGRATIONS) {
    expect(splitStatements(sql).length).toBeGreaterThan(0);
    expect(Bun.semver.order(VERSION, requires)).toBeGreaterThanOrEqual(0);
  }
});

test('a migration states the oldest program that may run on its result', () => {
  expect(parseMigration('0002_x', '-- hop:requires 1.20.3\nselect 1;').requires).toBe('1.20.3');
  expect(() => parseMigration('0002_x', 'select 1;')).toThrow(
    '0002_x must begin with the line "-- hop:requires X.Y.Z"',
  );
});
