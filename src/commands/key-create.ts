import { createApiKey } from '../api-keys/admin.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import { isAuthority } from '../domains/authority.ts';
import { CommandError, EXIT, print } from './command.ts';
import { parseExpiry } from './expiry.ts';
import type { KeyFlags } from './key-flags.ts';
import { type KeyRoles, readRoles } from './key-roles.ts';

export interface KeyOptions extends KeyRoles {
  readonly name: string | undefined;
  /** Given by the user; else one is generated. */
  readonly key: string | undefined;
  readonly expiresAt: Date | null;
}

/** What `hop key create` was asked for. @throws CommandError that names the wrong flag */
export async function readKeyOptions(flags: KeyFlags, now: Date): Promise<KeyOptions> {
  const options = {
    name: flags.name,
    expiresAt: flags.expires === undefined ? null : readExpiry(flags.expires, now),
    ...readRoles(flags),
  };
  return { ...options, key: flags.stdin ? await readKey() : undefined };
}

/** Only the key goes to standard output, so that `KEY=$(hop key create)` works; and only one that nobody has yet. */
export async function createKey(database: Database, config: Config, options: KeyOptions): Promise<void> {
  if (options.authority !== null && isAuthority(options.authority, config.DEFAULT_DOMAIN))
    throw new CommandError('A key cannot be restricted to the default domain.', EXIT.usage);
  const { key, name } = await createApiKey(database, options);
  const until = options.expiresAt === null ? '' : `, works until ${options.expiresAt.toISOString()}`;
  const advice = options.key === undefined ? ', is shown only this once, and goes into the header X-Api-Key' : '';
  process.stderr.write(`The key "${name}" is made${until}${advice}.\n`);
  if (options.key === undefined) await print(`${key}\n`);
}

function readExpiry(text: string, now: Date): Date {
  const expiresAt = parseExpiry(text);
  if (expiresAt === undefined)
    throw new CommandError('--expires is no date; allowed are 2030-01-31 and 2030-01-31T12:00Z.', EXIT.usage);
  if (expiresAt <= now) throw new CommandError('--expires is in the past.', EXIT.usage);
  return expiresAt;
}

/** A file or an echo ends with a line break, which belongs to no key. */
async function readKey(): Promise<string> {
  return (await Bun.stdin.text()).replace(/\r?\n$/, '');
}
