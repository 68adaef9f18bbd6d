import type { Config } from '../config.ts';
import { codeOf } from '../db/failures.ts';
import { DirectoryError } from '../lib/writable-directory.ts';
import { CommandError } from './command.ts';

/** Listens; what the user can mend comes without a stack trace. @throws CommandError */
export async function listenOrExplain<T>(
  { HOST, PORT, LISTEN }: Pick<Config, 'HOST' | 'PORT' | 'LISTEN'>,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof DirectoryError) throw new CommandError(cause.message);
    if (LISTEN !== undefined && cause instanceof Error)
      throw new CommandError(`The unix socket ${LISTEN} cannot be had: ${cause.message}`);
    throw portError(cause, { host: HOST, port: PORT, prefix: '' });
  }
}

/** The same for the port that those ask who run hop. @throws CommandError */
export function listenForAdmin<T>({ ADMIN_HOST, ADMIN_PORT }: Config, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw portError(cause, { host: ADMIN_HOST, port: ADMIN_PORT, prefix: 'ADMIN_' });
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
  /** Of the variables that say so. */
  readonly prefix: '' | 'ADMIN_';
}

function portError(cause: unknown, { host, port, prefix }: Address): unknown {
  const named = `Port ${port}${prefix && ', for metrics and health,'}`;
  switch (codeOf(cause)) {
    case 'EADDRINUSE':
      return new CommandError(`${named} of ${host} is taken: set ${prefix}PORT to a free one.`);
    case 'EACCES':
      return new CommandError(`${named} is not open to this user: set ${prefix}PORT to 1024 or above.`);
    case 'EADDRNOTAVAIL':
      return new CommandError(`${host} is no address of this machine: set ${prefix}HOST to one, or to 0.0.0.0.`);
    default:
      return cause;
  }
}
