import { describe, expect, test } from 'bun:test';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import manifest from '../../package.json';

const MAIN = join(import.meta.dir, '../../src/main.ts');
const SERVER = { DATABASE_URL: 'postgres://hop:secret@db/hop', DEFAULT_DOMAIN: 's.test' };

test('help lists the commands', async () => {
  const { code, stdout } = await hop(['help']);
  expect(code).toBe(0);
  for (const verb of ['config', 'version', 'help']) expect(stdout).toMatch(new RegExp(`^  ${verb} +[A-Z]`, 'm'));
  expect(await hop(['--help'])).toMatchObject({ code, stdout });
});

test('every command has a help of its own', async () => {
  const { stdout: overview } = await hop(['help']);
  const verbs = [...overview.matchAll(/^ {2}(\w+) {2}/gm)].map(([, verb = '']) => verb);
  expect(verbs.length).toBeGreaterThan(2);
  const helps = await Promise.all(verbs.map((verb) => hop([verb, '--help'])));
  for (const [index, verb] of verbs.entries()) {
    expect(helps[index]).toMatchObject({ code: 0, stdout: expect.stringContaining(`Usage: hop ${verb}`), stderr: '' });
  }
  expect(await hop(['help', 'config'])).toEqual(await hop(['config', '-h']));
});

test('version is that of the package', async () => {
  const stdout = `hop ${manifest.version} (Bun ${Bun.version})\n`;
  expect(await hop(['version'])).toEqual({ code: 0, stdout, stderr: '' });
  expect(await hop(['--version'])).toEqual({ code: 0, stdout, stderr: '' });
});

describe('what is not understood ends with 2 and says why:', () => {
  test('no command', async () => {
    const { code, stdout, stderr } = await hop([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: hop COMMAND');
  });

  test.each([
    [['serv'], 'hop serv: There is no command "serv"; "hop help" shows them all\n'],
    [['toString'], 'hop toString: There is no command "toString"; "hop help" shows them all\n'],
    [['help', 'serv'], 'hop help: There is no command "serv"; "hop help" shows them all\n'],
    [['config', '--emb'], `hop config: Unknown option '--emb'; "hop config --help" shows its usage\n`],
    [['config', '-x'], `hop config: Unknown option '-x'; "hop config --help" shows its usage\n`],
    [['config', '--embedded=1'], /^hop config: Option '--embedded' does not take an argument; "hop config --help"/],
    [['config', 'PORT'], 'hop config: Unexpected argument "PORT"; "hop config --help" shows its usage\n'],
  ])('%p', async (argv, message) => {
    const { code, stdout, stderr } = await hop(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe('config', () => {
  test('shows effective values and where they come from, secrets masked', async () => {
    const { code, stdout, stderr } = await hop(['config'], { ...SERVER, PORT: '80' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'DATABASE_URL=postgres://hop:***@db/hop  (environment)',
        'PORT=80  (environment)',
        'HOST=0.0.0.0  (default)',
        'INITIAL_API_KEY=  (not set)',
      ]),
    );
  });

  test('shows what the embedded database changes', async () => {
    const { stdout } = await hop(['config', '--embedded']);
    expect(stdout).toContain('HOST=127.0.0.1  (default)\n');
    expect(stdout).toContain('DATABASE_URL=  (not set)\n');
  });

  test('ends with 78 and names every problem', async () => {
    expect(await hop(['config'], { ...SERVER, PORT: 'x', LOG_LEVEL: 'loud' })).toEqual({
      code: 78,
      stdout: '',
      stderr: `hop config: The configuration has 2 problems:
PORT is "x", allowed is a whole number from 0 to 65535
LOG_LEVEL is "loud", allowed is debug, info, warn, error or silent
`,
    });
  });

  test('describes the variables without needing any', async () => {
    const { code, stdout } = await hop(['config', '--markdown'], { PORT: 'x' });
    expect(code).toBe(0);
    expect(stdout).toContain('| `PORT` | `3000` |');
  });

  test('does not mind a reader that has seen enough', async () => {
    const script = `{ "$0" "$1" config --markdown; echo "code $?" >&2; } | true`;
    expect(await finish(['sh', '-c', script, process.execPath, MAIN], {})).toMatchObject({ stderr: 'code 0\n' });
  });
});

function hop(argv: readonly string[], environment: Record<string, string> = {}) {
  return finish([process.execPath, MAIN, ...argv], environment);
}

/** Runs a program in a folder without an .env file and with nothing of our own environment. */
async function finish(argv: readonly string[], env: Record<string, string>) {
  const child = Bun.spawn([...argv], { cwd: tmpdir(), env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}
