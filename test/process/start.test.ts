import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Hop, Hops } from '../support/hop-process.ts';
import { isAlive, until } from './fixtures/programs.ts';

const hops = new Hops();
afterAll(() => hops[Symbol.asyncDispose]());

function start(dataDir: string, variables: Record<string, string> = {}): Hop {
  return hops.start(['start'], { DATA_DIR: dataDir, PORT: '0', ...variables });
}

/** Creates a short URL and resolves with its path. */
async function create(url: string, target: string): Promise<string> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ url: target }) });
  expect(answer.status).toBe(201);
  return new URL(answer.headers.get('location') ?? '').pathname;
}

async function follow(url: string): Promise<string | null> {
  return (await fetch(url, { redirect: 'manual' })).headers.get('location');
}

/** The pid of the folder's PostgreSQL; undefined when its pid file is gone. */
function postmaster(dataDir: string): number | undefined {
  const file = join(dataDir, 'pg', 'postmaster.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined;
}

describe.concurrent('hop start', () => {
  test('in an empty folder answers a redirect as soon as it says that it runs, and ends with its database', async () => {
    const dataDir = hops.newDataDir();
    const hop = start(dataDir);
    const url = await hop.url();
    expect(await follow(url + (await create(url, 'www.example.com/x')))).toBe('http://www.example.com/x');
    expect(hop.stdout).toContain(`curl -d '{"url":"www.example.com"}' ${url.replace('127.0.0.1', 'localhost')}/\n`);
    const pid = postmaster(dataDir) ?? 0;
    expect(isAlive(pid)).toBe(true);
    hop.process.kill('SIGTERM');
    expect(await hop.ended()).toMatchObject({ code: 0 });
    expect(isAlive(pid)).toBe(false);
    expect(postmaster(dataDir)).toBeUndefined();
  });

  test('finds its links again after a kill -9', async () => {
    const dataDir = hops.newDataDir();
    const first = start(dataDir);
    const url = await first.url();
    const paths = await Promise.all(Array.from({ length: 20 }, (_, i) => create(url, `example.com/${i}`)));
    const pid = postmaster(dataDir) ?? 0;
    first.process.kill('SIGKILL');
    await until(() => !isAlive(pid));

    const second = start(dataDir);
    const again = await second.url();
    const locations = await Promise.all(paths.map((path) => follow(again + path)));
    expect(locations).toEqual(paths.map((_, i) => `http://example.com/${i}`));
    second.process.kill('SIGINT');
    expect(await second.ended()).toMatchObject({ code: 0 });
  });

  test('takes a Ctrl-C that arrives twice for one', async () => {
    const dataDir = hops.newDataDir();
    const hop = start(dataDir);
    await hop.url();
    const pid = postmaster(dataDir) ?? 0;
    hop.process.kill('SIGINT');
    await Bun.sleep(2);
    hop.process.kill('SIGINT');
    expect(await hop.ended()).toMatchObject({ code: 0 });
    expect(isAlive(pid)).toBe(false);
    expect(postmaster(dataDir)).toBeUndefined();
  });

  test('is refused on a folder and on a port that another one has, which goes on', async () => {
    const dataDir = hops.newDataDir();
    const first = start(dataDir);
    const url = await first.url();
    const sameFolder = await start(dataDir).ended();
    expect(sameFolder.stderr).toContain(`Another hop is using ${dataDir}`);
    expect(sameFolder.code).toBe(1);

    const { port } = new URL(url);
    const otherFolder = hops.newDataDir();
    const samePort = await start(otherFolder, { PORT: port }).ended();
    expect(samePort.stderr).toContain(`Port ${port} of 127.0.0.1 is taken`);
    expect(samePort.stderr).not.toContain('    at ');
    expect(samePort.code).toBe(1);
    expect(postmaster(otherFolder)).toBeUndefined();

    expect(await follow(url + (await create(url, 'example.com')))).toBe('http://example.com');
    first.process.kill('SIGTERM');
    expect(await first.ended()).toMatchObject({ code: 0 });
  });
});

test.each([
  ['127.0.0.1', 'localhost'],
  ['0.0.0.0', '0.0.0.0'],
  ['::', '[::]'],
])('hop serve on %s listens without its database, and tells an address to copy', async (HOST, host) => {
  const DATA_DIR = hops.newDataDir();
  const DATABASE_URL = 'postgres://hop@127.0.0.1:1/hop';
  const variables = { DATABASE_URL, DATA_DIR, DEFAULT_DOMAIN: 's.example', HOST, PORT: '0' };
  const hop = hops.start(['serve'], variables);
  const url = await hop.url();
  expect(hop.stdout).toMatch(new RegExp(`^hop is listening on http://${RegExp.escape(host)}:\\d+\n$`));
  expect((await fetch(`${url}/abc`)).status).toBe(503);
  hop.process.kill('SIGTERM');
  expect(await hop.ended()).toMatchObject({ code: 0 });
});

describe.concurrent('a configuration that cannot be is refused with 78 and what to do:', () => {
  test('start on two databases', async () => {
    const variables = { DATABASE_URL: 'postgres://hop@db.example/hop' };
    expect(await start(hops.newDataDir(), variables).ended()).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('DATABASE_URL is set'),
    });
  });

  test('start with a value that is none', async () => {
    const dataDir = hops.newDataDir();
    expect(await start(dataDir, { REDIRECT_STATUS_CODE: '200' }).ended()).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('allowed is 301, 302, 307 or 308'),
    });
    expect(existsSync(dataDir)).toBe(false);
  });

  test('serve without a database, or with an empty one as of a misspelt secret', async () => {
    for (const variables of [{}, { DATABASE_URL: '' }]) {
      expect(await hops.start(['serve'], { DEFAULT_DOMAIN: 's.example', ...variables }).ended()).toMatchObject({
        code: 78,
        stdout: '',
        stderr: expect.stringContaining('DATABASE_URL is not set'),
      });
    }
  });
});
