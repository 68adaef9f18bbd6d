import type { Role } from '../api-keys/api-key.ts';
import { type ApiKeyEntry, listApiKeys } from '../api-keys/store.ts';
import type { Database } from '../db/database.ts';

/** All keys as a table for people or as JSON for programs; never the keys themselves, which nobody knows. */
export async function listKeys(database: Database, asJson: boolean): Promise<string> {
  const keys = await listApiKeys(database);
  if (asJson) return `${JSON.stringify(keys, null, 2)}\n`;
  return keys.length === 0 ? 'There are no keys; "hop key create" makes one.\n' : table(keys, new Date());
}

function table(keys: readonly ApiKeyEntry[], now: Date): string {
  const rows = [['NAME', 'ROLES', 'ENABLED', 'EXPIRES', 'CREATED'], ...keys.map((key) => row(key, now))];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...rows.map((cells) => Bun.stringWidth(cells[column] ?? ''))),
  );
  const pad = (cell: string, column: number) => cell + ' '.repeat((widths[column] ?? 0) - Bun.stringWidth(cell));
  return rows.map((cells) => `${cells.map(pad).join('  ').trimEnd()}\n`).join('');
}

function row({ name, roles, enabled, expiresAt, createdAt }: ApiKeyEntry, now: Date): string[] {
  return [
    name ?? '-',
    roles.length === 0 ? 'admin' : roles.map(describeRole).join(', '),
    enabled ? 'yes' : 'no',
    expiresAt === null ? '-' : `${toSecond(expiresAt)}${expiresAt <= now ? ' (expired)' : ''}`,
    toSecond(createdAt),
  ];
}

/** As the flag of `hop key create` that gives the role. */
function describeRole(role: Role): string {
  if (role.type === 'DOMAIN_SPECIFIC') return `domain-only=${role.authority}`;
  return role.type === 'AUTHORED_SHORT_URLS' ? 'author-only' : 'no-orphan-visits';
}

function toSecond(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
