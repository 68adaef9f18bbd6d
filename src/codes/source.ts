import { shuffleAlphabet } from './alphabet.ts';
import { type CodeGenerator, createCodeGenerator } from './generator.ts';

export interface CodeSourceOptions {
  /** Keeps the alphabet offered unless one is kept already; answers the one that is kept. */
  readonly keepAlphabet: (offered: string) => Promise<string>;
  readonly isReserved: (code: string) => boolean;
  /** Whether codes have no capitals. */
  readonly isLowerCase?: boolean;
}

/**
 * Codes in the installation's own alphabet, which the database keeps: asked for with the first code, so that hop can
 * start without its database. Rejects as `keepAlphabet` does, and asks again next time.
 */
export function createCodeSource(options: CodeSourceOptions): (length: number) => Promise<string> {
  const { keepAlphabet, ...settings } = options;
  let generator: Promise<CodeGenerator> | undefined;

  const load = async () => createCodeGenerator({ ...settings, alphabet: await keepAlphabet(shuffleAlphabet()) });

  return async (length) => {
    generator ??= load().catch((error) => {
      generator = undefined;
      throw error;
    });
    return (await generator).generate(length);
  };
}
