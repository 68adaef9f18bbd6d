import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { Hops } from '../support/hop-process.ts';
import { until } from './fixtures/programs.ts';

const MAIN = join(import.meta.dir, '../../src/main.ts');
const KEY = /^hop_[0-9A-Za-z]{36}$/;

const hops = new Hops();
/** Where keys are asked for. */
let app: TestApp;
beforeAll(async () => {
  app = await startApp({ ANONYMOUS_CREATE: 'false' });
});
afterAll(async () => {
  await hops[Symbol.asyncDispose]();
  await app.stop();
});

/** `hop key …` on the app's database. */
function key(...args: string[]) {
  return hops.start(['key', ...args], { DATABASE_URL: app.database.url, DEFAULT_DOMAIN: 'hop.test' }).ended();
}

async function creates(apiKey: string, url = app.url): Promise<boolean> {
  const body = JSON.stringify({ url: 'example.com' });
  return (await fetch(`${url}/`, { method: 'POST', body, headers: { 'x-api-key': apiKey } })).status === 201;
}

describe('hop key', () => {
  test('create prints the key alone, which works; disable, enable and delete act on it', async () => {
    const { code, stdout, stderr } = await key('create', '--name=life');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^hop_[0-9A-Za-z]{36}\n$/) });
    expect(stderr).toBe('The key "life" is made, is shown only this once, and goes into the header X-Api-Key.\n');
    const apiKey = stdout.trim();
    expect(await creates(apiKey)).toBe(true);

    expect(await key('disable', 'life')).toMatchObject({ code: 0, stdout: '' });
    await until(async () => !(await creates(apiKey)), 2_000);
    expect(await key('enable', 'life')).toMatchObject({ code: 0 });
    await until(() => creates(apiKey), 2_000);
    const { stderr: deleted } = await key('delete', 'life');
    expect(deleted).toBe('The key "life" is deleted; within 2 s nobody takes it.\n');
    await until(async () => !(await creates(apiKey)), 2_000);
    expect(await key('disable', 'life')).toMatchObject({
      code: 1,
      stderr: 'hop key: There is no key of that name; "hop key list" shows them all.\n',
    });
  });

  test('list shows all of a key but itself', async () => {
    const flags = ['--name=listed', '--expires=2099-12-31', '--domain-only=Äb.test', '--no-orphan-visits'];
    const { stdout: made } = await key('create', ...flags);
    const table = (await key('list')).stdout;
    expect(table.split('\n')[0]).toMatch(/^NAME +ROLES +ENABLED +EXPIRES +CREATED$/);
    expect(table).toMatch(/^listed +domain-only=xn--b-zfa\.test, no-orphan-visits +yes +2099-12-31T00:00:00Z +20/m);
    const json = (await key('list', '--json')).stdout;
    expect(JSON.parse(json)).toContainEqual({
      name: 'listed',
      roles: [
        { type: 'DOMAIN_SPECIFIC', domainId: expect.any(Number), authority: 'xn--b-zfa.test' },
        { type: 'NO_ORPHAN_VISITS' },
      ],
      enabled: true,
      expiresAt: '2099-12-31T00:00:00.000Z',
      createdAt: expect.any(String),
    });
    expect(table + json).not.toContain(made.trim());
  });

  test('create gives roles by their names, and a role named twice once', async () => {
    const roles = '--role=AUTHORED_SHORT_URLS,DOMAIN_SPECIFIC:own.test,NO_ORPHAN_VISITS';
    expect(await key('create', '--name=roles', roles, '--author-only')).toMatchObject({ code: 0 });
    expect((await key('list')).stdout).toMatch(/^roles +author-only, domain-only=own\.test, no-orphan-visits +yes/m);
  });

  test('create --stdin takes a key of another service, and repeats it nowhere', async () => {
    const script = `printf '%s\\n' "$GIVEN" | "$0" "$1" key create --stdin --name=imported`;
    const given = 'b0a1c2d3-of another-service';
    const env = { DATABASE_URL: app.database.url, DEFAULT_DOMAIN: 'hop.test', GIVEN: given };
    const ended = await hops.run(['sh', '-c', script, process.execPath, MAIN], env).ended();
    expect(ended).toEqual({ code: 0, stdout: '', stderr: 'The key "imported" is made.\n' });
    expect(await creates(given)).toBe(true);
  });

  test('create without a name makes one up', async () => {
    const [one, two] = await Promise.all([key('create'), key('create')]);
    expect(one.stderr).toMatch(/^The key "key-[0-9a-f]{8}" is made/);
    expect(one.stderr).not.toBe(two.stderr);
  });

  test.each<[string[], number, string]>([
    [[], 2, 'Say what to do: create, list, enable, disable or delete; "hop key --help" shows its usage'],
    [['delete'], 2, '"hop key delete" needs the name of a key; "hop key --help" shows its usage'],
    [['list', 'a'], 2, '"hop key list" takes flags only; "hop key --help" shows its usage'],
    [['list', '--name=a'], 2, `Option '--name' does not belong to this; "hop key --help" shows its usage`],
    [['create', '--expires=soon'], 2, '--expires is no date; allowed are 2030-01-31 and 2030-01-31T12:00Z.'],
    [['create', '--expires=2020-01-01'], 2, '--expires is in the past.'],
    [['create', '--domain-only=a b'], 2, '--domain-only is no domain; allowed is host or host:port, without https://.'],
    [
      ['create', '--role=DOMAIN_SPECIFIC:a b'],
      2,
      '--role is no domain; allowed is host or host:port, without https://.',
    ],
    [['create', '--role=DOMAIN_SPECIFIC:HOP.test'], 2, 'A key cannot be restricted to the default domain.'],
    [
      ['create', '--role=DOMAIN_SPECIFIC:a.test', '--domain-only=b.test'],
      2,
      'A key can be restricted to one domain only.',
    ],
    ...['', 'admin', 'DOMAIN_SPECIFIC', 'NO_ORPHAN_VISITS:a.test', 'AUTHORED_SHORT_URLS,'].map(
      (role): [string[], number, string] => [
        ['create', `--role=${role}`],
        2,
        '--role is none; allowed are AUTHORED_SHORT_URLS, DOMAIN_SPECIFIC:go.example.com and NO_ORPHAN_VISITS.',
      ],
    ),
    [['create', '--domain-only=HOP.test'], 2, 'A key cannot be restricted to the default domain.'],
    [['create', '--name= a'], 1, 'A name consists of 1 to 100 characters, without blanks at its ends.'],
    [['create', '--stdin'], 1, 'A key consists of 1 to 256 printable ASCII characters, without blanks at its ends.'],
  ])('%j is refused with what is allowed', async (args, code, message) => {
    expect(await key(...args)).toEqual({ code, stdout: '', stderr: `hop key: ${message}\n` });
  });

  test('a key given in place of a name or an action is not repeated', async () => {
    const secret = `hop_${'a'.repeat(36)}`;
    for (const args of [[secret], ['create', secret], ['delete', secret], ['create', `--name=${secret}`]]) {
      const { code, stdout, stderr } = await key(...args);
      expect(code).not.toBe(0);
      expect(stdout + stderr).not.toContain(secret);
    }
  });

  test('says so when there is no database, or none of hop', async () => {
    const run = (url: string) => hops.start(['key', 'list'], { DATABASE_URL: url, DEFAULT_DOMAIN: 'hop.test' }).ended();
    const away = await run('postgres://hop@localhost/hop?host=/nonexistent');
    expect(away).toMatchObject({ code: 1, stdout: '' });
    expect(away.stderr).toBe('hop key: The database cannot be reached: connect ENOENT /nonexistent/.s.PGSQL.5432\n');
    const empty = await createEmptyDatabase();
    const { code, stderr } = await run(empty.url);
    await empty.drop();
    expect(code).toBe(1);
    expect(stderr).toBe('hop key: The database has no tables of hop yet: run "hop migrate", or start hop.\n');
  });
});

describe('with the embedded database', () => {
  test('the first start prints a key that works, and no later one does; hop key works beside it and alone', async () => {
    const dataDir = hops.newDataDir();
    const variables = { DATA_DIR: dataDir, PORT: '0', ANONYMOUS_CREATE: 'false' };
    const embedded = (...args: string[]) => hops.start(['key', ...args, '--embedded'], variables).ended();

    const first = hops.start(['start'], variables);
    const url = await first.url();
    await until(() => first.stdout.includes('Another one:'));
    const printed = first.stdout.match(/hop_[0-9A-Za-z]{36}/g) ?? [];
    expect(printed).toHaveLength(1);
    expect(await creates(printed[0] ?? '', url)).toBe(true);
    const beside = await embedded('create', '--name=beside');
    expect(beside.stdout.trim()).toMatch(KEY);
    expect(await creates(beside.stdout.trim(), url)).toBe(true);
    first.process.kill('SIGTERM');
    const { stdout, stderr } = await first.ended();
    expect(stderr).not.toContain('hop_');
    expect(stdout).toContain(`DATA_DIR="${dataDir}" bun src/main.ts key create --embedded\n`);

    const alone = await embedded('create', '--name=alone');
    expect(alone.stdout.trim()).toMatch(KEY);
    const second = hops.start(['start'], variables);
    expect(await creates(alone.stdout.trim(), await second.url())).toBe(true);
    expect(second.stdout).not.toContain('hop_');
    expect((await embedded('list')).stdout).toMatch(/^admin +admin .*\nbeside .*\nalone /m);
    second.process.kill('SIGTERM');
    await second.ended();
  });

  test('hop key makes no database', async () => {
    const dataDir = hops.newDataDir();
    const { code, stderr } = await hops.start(['key', 'create', '--embedded'], { DATA_DIR: dataDir }).ended();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `hop key: There is no database in ${join(dataDir, 'pg')}: start hop on it first, or set DATA_DIR.\n`,
    );
  });
});
