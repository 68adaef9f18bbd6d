import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { locateBinaries } from '../src/db/embedded/binaries.ts';
import type { BenchOptions } from './bench.ts';
import type { Figure } from './figure.ts';

export const RESULTS = join(import.meta.dir, 'results');
const FILE = join(RESULTS, 'latest.json');

/** The newest results of one benchmark. */
export interface Result {
  readonly takenAt: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly kernel: string };
  readonly versions: Readonly<Record<string, string>>;
  readonly options?: Partial<BenchOptions>;
  /** How long it took in all. */
  readonly seconds?: number;
  /** Cores that other programs used meanwhile: on a quiet machine next to none. */
  readonly strangersCores?: number;
  readonly figures: readonly Figure[];
  /** Why there are none. */
  readonly skipped?: string;
}

export type Results = Readonly<Record<string, Result>>;

export async function readResults(): Promise<Results> {
  return JSON.parse(await readFile(FILE, 'utf8').catch(() => '{}'));
}

/**
 * Replaces what is known of one benchmark, also by why it was skipped: figures of two machines make no table. `names` are
 * those of all, in the order of the table.
 */
export async function saveResult(
  name: string,
  result: Omit<Result, 'takenAt' | 'machine' | 'versions'>,
  names: readonly string[],
): Promise<Results> {
  const entry = { takenAt: new Date().toISOString(), machine: machine(), versions: versions(), ...result };
  const known: Results = { ...(await readResults()), [name]: entry };
  const results = Object.fromEntries(names.flatMap((each) => (known[each] ? [[each, known[each]]] : [])));
  await mkdir(RESULTS, { recursive: true });
  await writeFile(FILE, `${JSON.stringify(results, rounded, 2)}\n`);
  // Rounded as they stand there, or a table made of the file would differ: 207.45, 207.5 and then 208.
  return readResults();
}

function machine() {
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, kernel: release() };
}

/** Of everything that was measured and that measured, as far as it is there. */
function versions(): Record<string, string> {
  const [aiohttp, uvloop, asyncpg] = pythonModules();
  const found = {
    Bun: Bun.version,
    PostgreSQL: version([join(locateBinaries(), 'bin/postgres'), '--version']),
    nginx: version(['nginx', '-v']),
    wrk: version(['wrk', '-v']),
    Python: version(['/usr/bin/python3', '--version']),
    aiohttp,
    uvloop,
    asyncpg,
  };
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function version(command: string[]): string | undefined {
  return /\d+\.\d+[.\d]*/.exec(output(command) ?? '')?.[0];
}

/** wrk and nginx tell their version on either stream, wrk with an exit code of 1. */
function output(command: string[]): string | undefined {
  try {
    const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
    const { stdout, stderr } = Bun.spawnSync(command, { env: { ...process.env, PATH } });
    return `${stdout}${stderr}`;
  } catch {
    return undefined; // not installed
  }
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}

function pythonModules(): string[] {
  const modules = ['aiohttp', 'uvloop', 'asyncpg'];
  const print = `print(${modules.map((module) => `${module}.__version__`).join(', ')})`;
  const python = Bun.which('/usr/bin/python3');
  if (python === null) return [];
  const { success, stdout } = Bun.spawnSync([python, '-c', `import ${modules.join(', ')}; ${print}`]);
  return success ? stdout.toString().trim().split(' ') : [];
}
