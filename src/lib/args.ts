import { parseArgs } from 'node:util';

export interface Flag {
  readonly type: 'boolean' | 'string';
  /** One letter: `h` for `-h`. */
  readonly short?: string;
  readonly description: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** The values of flags: true for a boolean that is given, a text for a string, absent otherwise. */
export type FlagValues<F extends Flags> = {
  readonly [Name in keyof F]?: { boolean: boolean; string: string }[F[Name]['type']];
};

export interface Arguments<F extends Flags = Flags> {
  readonly flags: FlagValues<F>;
  readonly positionals: readonly string[];
}

/** The command line cannot be understood; the message says where. */
export class ArgumentsError extends Error {
  override readonly name = 'ArgumentsError';
}

/**
 * Reads a command line strictly.
 * @throws ArgumentsError for an unknown flag, a missing or unwanted value, more than `maxPositionals` other arguments
 */
export function parseArguments<F extends Flags>(argv: readonly string[], flags: F, maxPositionals = 0): Arguments<F> {
  const { values, positionals } = parse(argv, flags);
  const surplus = positionals[maxPositionals];
  if (surplus !== undefined) throw new ArgumentsError(`Unexpected argument "${surplus}"`);
  return { flags: values as FlagValues<F>, positionals };
}

function parse(argv: readonly string[], flags: Flags) {
  try {
    return parseArgs({ args: [...argv], options: flags, strict: true, allowPositionals: true });
  } catch (error) {
    // Advice on how to pass such a text after all follows the first sentence.
    throw new ArgumentsError((error as Error).message.split(/\. |\n/, 1)[0], { cause: error });
  }
}
