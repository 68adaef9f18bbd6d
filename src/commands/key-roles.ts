import type { RoleType } from '../api-keys/api-key.ts';
import { parseAuthority } from '../domains/authority.ts';
import { CommandError, EXIT } from './command.ts';
import type { KeyFlags } from './key-flags.ts';

/** What a key is to be restricted to; without roles it may do everything. */
export interface KeyRoles {
  readonly roles: readonly RoleType[];
  /** The domain of DOMAIN_SPECIFIC. */
  readonly authority: string | null;
}

interface Asked {
  readonly role: RoleType;
  readonly domain?: { readonly name: string; readonly flag: string };
}

/** Roles by their names, or by a flag for each as in Shlink's command line. @throws CommandError that names the wrong flag */
export function readRoles(flags: KeyFlags): KeyRoles {
  const asked = [...(flags.role?.split(',').map(readRole) ?? []), ...byFlags(flags)];
  const domains = asked.flatMap(({ domain }) => (domain === undefined ? [] : [readAuthority(domain)]));
  if (new Set(domains).size > 1) throw new CommandError('A key can be restricted to one domain only.', EXIT.usage);
  return { roles: [...new Set(asked.map(({ role }) => role))], authority: domains[0] ?? null };
}

function readRole(text: string): Asked {
  const [, type, domain] = /^([A-Z_]+)(?::(.*))?$/.exec(text.trim()) ?? [];
  if (type === 'DOMAIN_SPECIFIC' && domain !== undefined)
    return { role: type, domain: { name: domain, flag: '--role' } };
  if (domain === undefined && (type === 'AUTHORED_SHORT_URLS' || type === 'NO_ORPHAN_VISITS')) return { role: type };
  throw new CommandError(
    '--role is none; allowed are AUTHORED_SHORT_URLS, DOMAIN_SPECIFIC:go.example.com and NO_ORPHAN_VISITS.',
    EXIT.usage,
  );
}

function byFlags(flags: KeyFlags): Asked[] {
  const name = flags['domain-only'];
  return [
    ...(flags['author-only'] === true ? [{ role: 'AUTHORED_SHORT_URLS' } as const] : []),
    ...(name === undefined ? [] : [{ role: 'DOMAIN_SPECIFIC', domain: { name, flag: '--domain-only' } } as const]),
    ...(flags['no-orphan-visits'] === true ? [{ role: 'NO_ORPHAN_VISITS' } as const] : []),
  ];
}

function readAuthority({ name, flag }: NonNullable<Asked['domain']>): string {
  const authority = parseAuthority(name);
  if (authority !== undefined) return authority;
  throw new CommandError(`${flag} is no domain; allowed is host or host:port, without https://.`, EXIT.usage);
}
