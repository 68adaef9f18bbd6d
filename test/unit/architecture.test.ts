import { describe, expect, test } from 'bun:test';
import { dirname, join } from 'node:path';
import { importsOf, type SourceFile, violations } from './architecture.ts';

const SRC = join(import.meta.dir, '../../src');

test('the source keeps the rules of the house', async () => {
  expect(violations(await readSources())).toEqual([]);
});

test('the source is found at all', async () => {
  expect((await readSources()).map(({ path }) => path)).toContain('config.ts');
});

test('a web process redirects before it loads the API', async () => {
  const loaded = await packagesAtStart('commands/web.ts');
  expect(loaded).toContain('postgres');
  expect([...loaded].filter((name) => /elysia|swagger|prom-client/.test(name))).toEqual([]);
});

describe('a planted violation is found:', () => {
  const cases: readonly [name: string, files: Record<string, string>, violation: string][] = [
    [
      'a feature that imports the application',
      { 'tags/service.ts': `import { createApp } from '../app.ts';\ncreateApp();` },
      'tags/service.ts → app.ts: imports go down only',
    ],
    [
      'a feature that imports the type of the configuration',
      { 'tags/service.ts': `import type { Config } from '../config.ts';` },
      'tags/service.ts → config.ts: imports go down only',
    ],
    [
      'a redirect that imports a feature',
      { 'redirect/loader.ts': `import { findLink } from '../short-urls/store.ts';\nfindLink();` },
      'redirect/loader.ts → short-urls/store.ts: imports go down only',
    ],
    [
      'a redirect that imports Elysia',
      { 'redirect/handler.ts': `import type { Context } from 'elysia';` },
      'redirect/handler.ts → elysia: the redirect knows no Elysia',
    ],
    [
      "a feature that imports another one's store",
      { 'tags/service.ts': `import * as store from '../domains/store.ts';\nstore.list();` },
      "tags/service.ts → domains/store.ts: a feature leaves another one's store alone",
    ],
    [
      'a cycle, of types as well',
      { 'lib/a.ts': `import { b } from './b.ts';\nb();`, 'lib/b.ts': `export type { A } from './a.ts';` },
      'lib/a.ts → lib/b.ts → lib/a.ts: imports form a cycle',
    ],
    [
      'an environment read elsewhere',
      { 'db/pool.ts': 'export const url = process.env.DATABASE_URL;' },
      'db/pool.ts: only config.ts reads the environment',
    ],
    ['a long file', { 'lib/long.ts': 'export {};\n'.repeat(301) }, 'lib/long.ts: 301 lines, 300 are the most'],
    [
      'a folder without a layer',
      { 'utils/misc.ts': 'export {};' },
      'utils/misc.ts: utils stands in no layer, add it to LAYERS',
    ],
  ];

  test.each(cases)('%s', (_name, files, violation) => {
    expect(violations(sources(files))).toContain(violation);
  });
});

test('what is allowed is not reported', () => {
  const files = sources({
    'main.ts': `#!/usr/bin/env bun\nconst run = () => import('./commands/serve.ts');\nawait run();`,
    'config.ts': 'export const environment = process.env;',
    'app.ts': `import { Elysia } from 'elysia';\nimport { tags } from './tags/index.ts';\nnew Elysia().use(tags);`,
    'services.ts': `import * as tags from './tags/store.ts';\nexport const services = { tags };`,
    'tags/index.ts': `import { listTags } from './service.ts';\nexport const tags = listTags;`,
    'tags/service.ts': `import * as store from './store.ts';\nimport { link } from '../redirect/link.ts';\nlink(store);`,
    'tags/store.ts': `// process.env and import type { App } from '../app.ts' are only spoken of\nexport const hint = 'set process.env';`,
    'redirect/link.ts': `import sql from '../../db/link.sql' with { type: 'text' };\nexport const link = sql;`,
    'lib/limit.ts': 'export {};\n'.repeat(300),
  });
  expect(violations(files)).toEqual([]);
});

test('imports are found in every form', () => {
  const text = `
import { a } from './value.ts';
import './effect.ts';
import type { B } from './type.ts';
import { type C } from './inline.ts';
import {
  type D,
} from './lines.ts';
export * from './all.ts';
export type { E } from './re-export.ts';
type F = import('./query.ts').F;
const g = await import('./dynamic.ts');
a(g);`;
  expect(
    importsOf({ path: 'lib/x.ts', text })
      .map(({ to }) => to)
      .sort(),
  ).toEqual(
    ['all', 'dynamic', 'effect', 'inline', 'lines', 'query', 're-export', 'type', 'value'].map(
      (name) => `lib/${name}.ts`,
    ),
  );
});

function sources(files: Record<string, string>): SourceFile[] {
  return Object.entries(files).map(([path, text]) => ({ path, text }));
}

async function readSources(): Promise<SourceFile[]> {
  const paths = [...new Bun.Glob('**/*.ts').scanSync(SRC)].filter((path) => !path.endsWith('.d.ts'));
  return await Promise.all(paths.map(async (path) => ({ path, text: await Bun.file(join(SRC, path)).text() })));
}

/** What is loaded before anything is asked for by `import()`: imports of types are gone by then. */
async function packagesAtStart(entry: string): Promise<Set<string>> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = async (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    const found = new Bun.Transpiler({ loader: 'ts' }).scanImports(await Bun.file(join(SRC, path)).text());
    for (const { path: to } of found.filter(({ kind }) => kind === 'import-statement')) {
      if (!to.startsWith('.')) packages.add(to);
      else if (to.endsWith('.ts')) await visit(join(dirname(path), to));
    }
  };
  await visit(entry);
  return packages;
}
