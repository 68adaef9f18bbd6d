import { join } from 'node:path';
import type { Subprocess } from 'bun';
import { Programs, until } from '../process/fixtures/programs.ts';

const MAIN = join(import.meta.dir, '../../src/main.ts');

/** Real hop processes and folders of one test file; none is left behind. */
export class Hops implements AsyncDisposable {
  readonly #programs = new Programs();
  readonly #started: Hop[] = [];
  #folders = 0;

  newDataDir(): string {
    return join(this.#programs.folder, `data-${++this.#folders}`);
  }

  /** `hop ARGUMENTS` with nothing in its environment but this and PATH, nobody to take leave of, and any admin port. */
  start(args: readonly string[], variables: Record<string, string> = {}): Hop {
    return this.run([process.execPath, MAIN, ...args], variables);
  }

  /** Any program that runs hop; lookups have the time that a busy machine takes. */
  run(command: readonly string[], variables: Record<string, string> = {}): Hop {
    const env = {
      PATH: process.env.PATH ?? '',
      DRAIN_DELAY: '0',
      ADMIN_PORT: '0',
      LOOKUP_DEADLINE_MS: '10000',
      ...variables,
    };
    const cwd = this.#programs.folder;
    const hop = new Hop(Bun.spawn([...command], { cwd, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' }));
    this.#started.push(hop);
    return hop;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.#started) process.kill('SIGKILL');
    await Promise.all(this.#started.map(({ process }) => process.exited));
    await this.#programs[Symbol.asyncDispose]();
  }
}

/** One process and what it has written. */
export class Hop {
  #stdout = '';
  #stderr = '';
  readonly #read: Promise<unknown>;

  constructor(readonly process: Subprocess<'ignore', 'pipe', 'pipe'>) {
    this.#read = Promise.all([
      collect(process.stdout, (text) => (this.#stdout += text)),
      collect(process.stderr, (text) => (this.#stderr += text)),
    ]);
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The address at which it says that it listens, once it does. */
  async url(): Promise<string> {
    const find = () => /hop is (?:listening on|running at) (http:\/\/[^\s/]+)(?=\s)/.exec(this.#stdout)?.[1];
    await until(() => find() !== undefined || this.process.exitCode !== null);
    const url = find();
    if (url === undefined) throw new Error(`hop does not listen:\n${this.#stdout}${this.#stderr}`);
    return url.replace('localhost', '127.0.0.1');
  }

  /** Where `hop serve` answers those who run it. */
  async adminUrl(): Promise<string> {
    const find = () => /"metrics and health can be asked for".*"port":(\d+)/.exec(this.#stderr)?.[1];
    await until(() => find() !== undefined);
    return `http://127.0.0.1:${find()}`;
  }

  /** How it ended, and all that it wrote. */
  async ended(): Promise<{ code: number; stdout: string; stderr: string }> {
    await until(() => this.process.exitCode !== null || this.process.signalCode !== null);
    await this.#read;
    return { code: this.process.exitCode ?? -1, stdout: this.#stdout, stderr: this.#stderr };
  }
}

async function collect(stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) add(decoder.decode(chunk, { stream: true }));
}
