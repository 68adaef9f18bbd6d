/** What a key is restricted to. */
export type Role =
  /** Only the short URLs that were made with this key. */
  | { readonly type: 'AUTHORED_SHORT_URLS' }
  /** Only the short URLs of one domain, never the default one. */
  | { readonly type: 'DOMAIN_SPECIFIC'; readonly domainId: number; readonly authority: string }
  /** No visits but those of short URLs. */
  | { readonly type: 'NO_ORPHAN_VISITS' };

export type RoleType = Role['type'];

/** Who sends a request. */
export interface ApiKey {
  readonly apiKeyId: number;
  /** Null only for keys that were stored by something else than hop. */
  readonly name: string | null;
  readonly roles: readonly Role[];
}

/** Whether the key may do and see everything. */
export function isAdmin({ roles }: ApiKey): boolean {
  return roles.length === 0;
}

/** The key's role of a type, if it has it: `roleOf(apiKey, 'DOMAIN_SPECIFIC')?.domainId`. */
export function roleOf<T extends RoleType>({ roles }: ApiKey, type: T): Extract<Role, { type: T }> | undefined {
  return roles.find((role): role is Extract<Role, { type: T }> => role.type === type);
}
