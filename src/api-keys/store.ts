import type { Database } from '../db/database.ts';
import type { Sql } from '../db/pool.ts';
import type { ApiKey, Role, RoleType } from './api-key.ts';
import type { FindApiKey } from './cache.ts';

/** A key as people see it. */
export interface ApiKeyEntry {
  readonly name: string | null;
  readonly roles: readonly Role[];
  readonly enabled: boolean;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

export interface NewApiKey {
  readonly keyHash: Buffer;
  readonly name: string;
  readonly expiresAt: Date | null;
  readonly roles: readonly RoleType[];
  /** The domain of DOMAIN_SPECIFIC, in the form of the Host header; made if there is none. */
  readonly authority: string | null;
}

export function findApiKey(database: Database): FindApiKey {
  return async (keyHash) => {
    const [row] = await database.run(
      'lookups',
      (sql) => sql<(ApiKey & { validForMs: number | null })[]>`
        select api_key_id as "apiKeyId", name, ${roles(sql)},
          1000 * extract(epoch from expires_at - now())::float8 as "validForMs"
        from api_keys k
        where key_hash = ${keyHash} and enabled and (expires_at is null or expires_at > now())`,
      { retry: true },
    );
    if (row === undefined) return undefined;
    const { validForMs, ...apiKey } = row;
    return { apiKey, validForMs };
  };
}

/**
 * Inserts a key if there is none at all. True when it is in force, also if it was there before: a second run after a
 * lost answer finds what the first one did.
 */
export async function insertFirstApiKey(database: Database, keyHash: Buffer, name: string): Promise<boolean> {
  const [row] = await database.run(
    'writes',
    (sql) => sql<{ isThere: boolean }[]>`
      with made as (
        insert into api_keys (key_hash, name)
        select ${keyHash}::bytea, ${name}::text where not exists (select from api_keys)
        on conflict do nothing
        returning api_key_id
      )
      select exists (select from made) or exists (select from api_keys where key_hash = ${keyHash}) as "isThere"`,
    { retry: true },
  );
  return row?.isThere === true;
}

/** Inserts a key unless its name or itself is taken. */
export async function insertApiKey(database: Database, key: NewApiKey): Promise<'made' | 'name-taken' | 'key-taken'> {
  const [row] = await database.run(
    'writes',
    (sql) => sql<{ isMade: boolean; isNameTaken: boolean }[]>`
      with domain as (
        insert into domains (authority) select ${key.authority}::text where ${key.authority}::text is not null
        on conflict (authority) do update set authority = excluded.authority
        returning domain_id
      ), changed as (
        insert into short_url_changes (domain_id) select domain_id from domain
      ), made as (
        insert into api_keys (key_hash, name, expires_at)
        values (${key.keyHash}, ${key.name}, ${key.expiresAt})
        on conflict do nothing
        returning api_key_id
      ), granted as (
        insert into api_key_roles (api_key_id, role, domain_id)
        select api_key_id, role, case role when 'DOMAIN_SPECIFIC' then (select domain_id from domain) end
        from made, unnest(string_to_array(${key.roles.join(',')}, ',')) role
      )
      select exists (select from made) as "isMade",
        exists (select from api_keys where name = ${key.name}) as "isNameTaken"`,
    { retry: false },
  );
  if (row?.isMade === true) return 'made';
  return row?.isNameTaken === true ? 'name-taken' : 'key-taken';
}

/** All keys, oldest first. */
export async function listApiKeys(database: Database): Promise<ApiKeyEntry[]> {
  const rows = await database.run(
    'reports',
    (sql) => sql<ApiKeyEntry[]>`
      select name, ${roles(sql)}, enabled, expires_at as "expiresAt", created_at as "createdAt"
      from api_keys k
      order by api_key_id`,
    { retry: true },
  );
  return [...rows];
}

/** False when there is no key of that name. */
export async function enableApiKey(database: Database, name: string, enabled: boolean): Promise<boolean> {
  const rows = await database.run(
    'writes',
    (sql) => sql`update api_keys set enabled = ${enabled} where name = ${name} returning api_key_id`,
    { retry: true },
  );
  return rows.length > 0;
}

/** False when there is no key of that name. Short URLs made with it stay. */
export async function deleteApiKey(database: Database, name: string): Promise<boolean> {
  const rows = await database.run(
    'writes',
    (sql) => sql`delete from api_keys where name = ${name} returning api_key_id`,
    { retry: false },
  );
  return rows.length > 0;
}

/** The column of a key's roles, from `api_keys k`. */
function roles(sql: Sql) {
  return sql`coalesce((
    select json_agg(
      case role
        when 'DOMAIN_SPECIFIC' then json_build_object('type', role, 'domainId', domain_id, 'authority', authority)
        else json_build_object('type', role)
      end order by role
    )
    from api_key_roles r left join domains using (domain_id)
    where r.api_key_id = k.api_key_id
  ), '[]') as roles`;
}
