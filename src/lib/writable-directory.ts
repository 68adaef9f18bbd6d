import { accessSync, constants, mkdirSync } from 'node:fs';

/** A folder cannot be used; the message says which, why, and what to do. */
export class DirectoryError extends Error {}

/**
 * Makes the folder where it is missing, and sees that files can be made in it.
 * @throws DirectoryError naming the variable that says where the folder is
 */
export function needWritableDirectory(path: string, variable: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    const hint = `make it writable for this user, or set ${variable}`;
    throw new DirectoryError(`The folder ${path} cannot be written to (${code}): ${hint}.`, { cause });
  }
}
