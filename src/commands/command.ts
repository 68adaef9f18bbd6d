import type { Arguments, Flags } from '../lib/args.ts';

/** One verb of the command line, in the file of its name. */
export interface Command<F extends Flags = Flags> {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What may follow `hop VERB`: `[--embedded]`. */
  readonly usage: string;
  readonly flags: F;
  /** Most arguments that are no flags; none when absent. */
  readonly maxPositionals?: number;
  /** Does the work; resolves with the exit code, with which the process then ends, whatever is still open. */
  run(args: Arguments<F>): Promise<number>;
}

/** Declares a command with the types of its flags' values. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command<F> {
  return command;
}

/** The commands by verb; each is loaded only when it is called. */
export type Verbs = Readonly<Record<string, () => Promise<{ readonly command: Command }>>>;

/** Exit codes, as shells and sysexits.h have them. */
export const EXIT = { ok: 0, failure: 1, usage: 2, config: 78 } as const;

/** Ends a command with a message to its user instead of a stack trace. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    readonly exitCode: number = EXIT.failure,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Writes to standard output and waits until all of it is out: process.exit drops what process.stdout still holds. */
export async function print(text: string): Promise<void> {
  try {
    await Bun.write(Bun.stdout, text);
  } catch (error) {
    // The reader has seen enough: `hop config | head`.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
