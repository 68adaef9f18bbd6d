import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json';
import { loadConfig } from '../../src/config.ts';

const root = join(import.meta.dir, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

test('the image is built with the Bun that hop is tested with', () => {
  expect(read('Dockerfile')).toContain(`ARG BUN_IMAGE=oven/bun:${manifest.devDependencies['bun-types']}\n`);
});

test('the base that deploy/test-image makes is the one of the image', () => {
  const [, suite] = /^suite=(\w+)/m.exec(read('deploy/test-image')) ?? [];
  expect(read('Dockerfile')).toContain(`ARG BASE_IMAGE=debian:${suite}-slim\n`);
});

test('the compose file configures hop', () => {
  const { services, secrets } = Bun.YAML.parse(read('deploy/compose.yaml')) as Compose;
  const given = Object.entries(services.hop.environment).map(([name, value]) => [name, withDefault(value)] as const);
  for (const name of services.hop.secrets) expect(secrets).toHaveProperty(name);
  const files = given.filter(([name]) => name.endsWith('_FILE'));
  expect(files.map(([, path]) => path)).toEqual(services.hop.secrets.map((name) => `/run/secrets/${name}`));
  // The files are the container's; what they hold is as the compose file's first lines say.
  const variables = { DATABASE_URL: 'postgres://hop:00ff@postgres/hop', INITIAL_API_KEY: 'f'.repeat(48) };
  const others = Object.fromEntries(given.filter(([name]) => !name.endsWith('_FILE')));
  expect(files.map(([name]) => name.replace(/_FILE$/, '')).sort()).toEqual(Object.keys(variables));
  expect(loadConfig({ ...others, ...variables }, { embedded: false })).toMatchObject({ IS_HTTPS_ENABLED: true });
  for (const name of Object.keys(others)) expect(read('README.md')).toContain(`| \`${name}\` |`);
});

interface Compose {
  readonly services: { readonly hop: { readonly environment: Record<string, string>; readonly secrets: string[] } };
  readonly secrets: Record<string, unknown>;
}

/** What Compose makes of `${NAME:-default}`; a value for `${NAME:?what is missing}`. */
function withDefault(value: string): string {
  return value.replace(/^\$\{\w+:-(.*)\}$/, '$1').replace(/^\$\{\w+:\?.*\}$/, 's.example.com');
}
