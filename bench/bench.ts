import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchDatabase, type DatabaseSettings, startDatabase } from './database.ts';
import type { Figure } from './figure.ts';
import { createLinks, type Link } from './links.ts';

export interface BenchOptions {
  readonly rounds: number;
  /** Of load for each measurement. */
  readonly seconds: number;
  readonly links: number;
  /** Undefined: as many as the benchmark finds good. */
  readonly visits: number | undefined;
  /** Where a database that took long to fill stays for the next run; undefined: it is removed in the end. */
  readonly keep: string | undefined;
  /** Requests a second, where that is not what is measured. */
  readonly rate: number;
}

export interface LinkedDatabase {
  readonly database: BenchDatabase;
  readonly links: readonly [Link, ...Link[]];
}

/** What every benchmark works with. */
export interface Bench {
  /** For files; removed in the end. */
  readonly directory: string;
  /** Whatever is started says here how it is stopped. */
  readonly cleanUp: AsyncDisposableStack;
  readonly options: BenchOptions;
  readonly progress: (message: string) => void;
  /** A database with links, made when it is first asked for; all benchmarks of a run share it, and leave its links alone. */
  linked(): Promise<LinkedDatabase>;
}

export interface Scenario {
  /** One line for the usage. */
  readonly about: string;
  /** @throws MissingPeerError */
  need?(): void;
  /** By then it is stopped; generous, because a busy machine may take several times as long. */
  readonly limitSeconds: number;
  measure(bench: Bench): Promise<Figure[]>;
}

/** What a whole run shares; all of it ends with `cleanUp`. */
export async function prepare(
  options: BenchOptions,
  cleanUp: AsyncDisposableStack,
  progress: (message: string) => void,
): Promise<Bench> {
  const directory = await temporaryDirectory();
  // Retried, because what is interrupted while it starts may still be writing.
  cleanUp.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 10 }));
  let linked: Promise<LinkedDatabase> | undefined;
  const shared = { directory, cleanUp, options, progress };
  return { ...shared, linked: () => (linked ??= link(shared)) };
}

/** A folder and a clean-up of one benchmark of the run. */
export async function partOf(run: Bench, name: string, cleanUp: AsyncDisposableStack): Promise<Bench> {
  const directory = join(run.directory, name);
  await passable(directory);
  cleanUp.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 10 }));
  return { ...run, directory, cleanUp };
}

async function link({ directory, cleanUp, options, progress }: Omit<Bench, 'linked'>): Promise<LinkedDatabase> {
  const database = await keep(cleanUp, startDatabase(directory));
  progress(`creating ${options.links.toLocaleString('en')} links`);
  const [first, ...others] = await createLinks(database.url, options.links);
  if (first === undefined) throw new Error('there are no links');
  return { database, links: [first, ...others] };
}

/** A database of the benchmark's own. */
export function ownDatabase({ directory, cleanUp }: Bench, settings?: DatabaseSettings): Promise<BenchDatabase> {
  return keep(cleanUp, startDatabase(directory, settings));
}

/** A clean-up that may come earlier than `outer`, and comes with it at the latest: on a signal nobody else calls it. */
export function within(outer: AsyncDisposableStack): AsyncDisposableStack {
  return outer.use(new AsyncDisposableStack());
}

/** One of its own, or below the folder that `--keep` names: with all that an earlier run has put into it. */
export async function keptDatabase(bench: Bench): Promise<BenchDatabase> {
  const { keep: directory } = bench.options;
  if (directory === undefined) return ownDatabase(bench);
  if (!existsSync(directory)) await passable(directory);
  return keep(bench.cleanUp, startDatabase(directory));
}

/** Waits for something that starts; it will be stopped by `cleanUp`, even when that comes before it has started. */
export function keep<T extends { stop(): Promise<void> }>(
  cleanUp: AsyncDisposableStack,
  starting: Promise<T>,
): Promise<T> {
  // Once the clean-up is over there is nobody to leave it to: what a benchmark out of time still starts ends at once.
  if (cleanUp.disposed) return starting.then((started) => started.stop()).then(() => Promise.reject(new Error('late')));
  cleanUp.defer(() =>
    starting.then(
      (started) => started.stop(),
      () => {},
    ),
  );
  return starting;
}

async function temporaryDirectory(): Promise<string> {
  const directory = join(tmpdir(), `hop-bench-${randomBytes(6).toString('hex')}`);
  await passable(directory);
  return directory;
}

/** Not by mkdtemp: as root, the database's unprivileged user must be able to pass through it. */
async function passable(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o711);
}
