// `bun run test:breaks [PROMISE…]`: for each promise of test/PROMISES.md one deliberate fault in a copy of the project,
// and the test that has to be red with it, and green without. Ends with 1 when one of them is not: then that promise is
// tested by nobody, or nothing can be told.
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withTemplate } from '../support/run-databases.ts';
import { BREAKS, type Break } from './breaks.ts';

const ROOT = join(import.meta.dir, '../..');
const PARTS = [
  'src',
  'test',
  'db',
  'bench',
  'deploy',
  'scripts',
  'package.json',
  'tsconfig.json',
  'bunfig.toml',
  'README.md',
];
/** The documents of the contract, which tests skip where they are missing. */
const SHARED = join(ROOT, '../shared');
/** What a test that waits in vain may take. */
const TIMEOUT_MS = 100_000;

const asked = new Set(process.argv.slice(2));
process.exit(await withTemplate(tryAll));

async function tryAll(serverUrl: string, template: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'hop-breaks-'));
  const copy = join(folder, 'hop');
  const env = { ...process.env, HOP_TEST_DATABASE_URL: serverUrl, HOP_TEST_TEMPLATE: template };
  let unproven = 0;
  try {
    for (const part of PARTS) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    if (existsSync(SHARED)) symlinkSync(SHARED, join(folder, 'shared'));
    for (const broken of BREAKS.filter(({ promise }) => asked.size === 0 || asked.has(promise))) {
      const [whole] = await run(broken, copy, env);
      const [red] = await failures(broken, copy, env);
      // A break may be that processes do not end.
      Bun.spawnSync(['pkill', '-KILL', '-f', folder]);
      const verdict = whole !== undefined ? 'RED WITHOUT' : red === undefined ? 'GREEN' : 'red';
      if (verdict !== 'red') unproven++;
      console.log(`${verdict} ${broken.promise} ${broken.fault}: ${whole ?? red ?? broken.test}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return unproven === 0 ? 0 : 1;
}

/** The names of the tests that fail with this fault. */
async function failures(broken: Break, copy: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const changes = [broken, broken.also].filter((change) => change !== undefined);
  const texts = await Promise.all(changes.map(({ file }) => Bun.file(join(copy, file)).text()));
  const write = (index: number, text: string) => Bun.write(join(copy, changes[index]?.file ?? ''), text);
  try {
    await Promise.all(changes.map(({ from, to }, index) => write(index, texts[index]?.replace(from, () => to) ?? '')));
    return await run(broken, copy, env);
  } finally {
    await Promise.all(texts.map((text, index) => write(index, text)));
  }
}

async function run({ test, named }: Break, cwd: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const filter = named === undefined ? [] : ['--test-name-pattern', RegExp.escape(named)];
  const command = [process.execPath, 'test', '--no-orphans', `--timeout=${TIMEOUT_MS}`, `./${test}`, ...filter];
  const tests = Bun.spawn(command, { cwd, env, stdout: 'pipe', stderr: 'pipe' });
  const output = (await Promise.all([tests.stdout.text(), tests.stderr.text()])).join('\n');
  return [...output.matchAll(/^\(fail\) (.*)$/gm)].map(([, name = '']) => name);
}
