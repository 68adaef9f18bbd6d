import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { availableCores } from '../src/lib/cores.ts';
import { formatTotals, readTotals } from './support/report.ts';
import { withTemplate } from './support/run-databases.ts';

/**
 * `bun run test [arguments of bun test]`: one PostgreSQL for the run, a migrated template database, `bun test`, and the
 * totals as last line.
 */
function main(args: string[]): Promise<number> {
  const interrupted = onInterrupt();
  return withTemplate((serverUrl, template) =>
    runTests(args, { HOP_TEST_DATABASE_URL: serverUrl, HOP_TEST_TEMPLATE: template }, interrupted),
  );
}

/** One where what is measured must not share the machine. */
const FILES_AT_ONCE = process.env.FAULT_FULL ? 1 : Math.min(availableCores(), 4);

async function runTests(args: string[], env: Record<string, string>, interrupted: AbortSignal): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'hop-test-'));
  await chmod(directory, 0o711); // some tests run hop as somebody else
  const report = join(directory, 'junit.xml');
  const reporting = ['--reporter=junit', `--reporter-outfile=${report}`];
  const parallel = [`--parallel=${FILES_AT_ONCE}`];
  try {
    const tests = Bun.spawn({
      // --no-orphans: processes that a failed test has left behind end with the run.
      // --timeout: a hanging test is told from one on a machine that has much else to do.
      // --parallel: two files at a time take 230 s instead of 350 here.
      cmd: [process.execPath, 'test', '--no-orphans', '--timeout=120000', ...parallel, ...reporting, ...args],
      // Whatever is interrupted or killed leaves its files there.
      env: { ...process.env, ...env, TMPDIR: directory },
      stdio: ['ignore', 'inherit', 'inherit'],
      signal: interrupted,
    });
    return await printTotals(report, await tests.exited); // awaited, or the report is removed while it is read
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** The run's exit code: a test that ends the process leaves no report, and then 0 means nothing. */
async function printTotals(report: string, exitCode: number): Promise<number> {
  const junit = await readFile(report, 'utf8').catch(() => undefined);
  if (junit === undefined) {
    console.error(`bun test ended with ${exitCode} and without a report: no test matched, none loaded, or it crashed.`);
    return exitCode || 1;
  }
  const totals = readTotals(junit, exitCode);
  console.log(formatTotals(totals));
  return totals.failed > 0 ? exitCode || 1 : 0;
}

/** Ctrl-C, TERM and a closed terminal end the tests, so that the clean-up runs. */
function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}

process.exit(await main(process.argv.slice(2)));
