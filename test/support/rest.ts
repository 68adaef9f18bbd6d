import { hashApiKey } from '../../src/api-keys/service.ts';
import type { TestApp } from './app.ts';

export interface RestAnswer {
  readonly status: number;
  readonly type: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers, which is what tests look into
  readonly body: any;
}

/** Calls the REST API below /rest/v3; a body is sent as JSON. */
export type RestClient = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<RestAnswer>;

export function restClient(app: Pick<TestApp, 'request'>, key: string): RestClient {
  return async (method, path, body, headers = {}) => {
    const answer = await app.request(`/rest/v3${path}`, {
      method,
      headers: { 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const type = answer.headers.get('content-type');
    return { status: answer.status, type, body: type?.includes('json') ? JSON.parse(text) : text };
  };
}

/** Makes an API key, with roles if there are some; resolves with its text. */
export async function createKey(app: TestApp, roles: readonly KeyRole[] = []): Promise<string> {
  const key = crypto.randomUUID();
  const [row] = await app.sql<{ id: string }[]>`
    insert into api_keys (key_hash, name) values (${hashApiKey(key)}, ${`test ${key}`}) returning api_key_id as id`;
  for (const { role, domainId = null } of roles) {
    await app.sql`
      insert into api_key_roles (api_key_id, role, domain_id) values (${row?.id ?? null}, ${role}, ${domainId})`;
  }
  return key;
}

interface KeyRole {
  readonly role: 'AUTHORED_SHORT_URLS' | 'DOMAIN_SPECIFIC' | 'NO_ORPHAN_VISITS';
  readonly domainId?: number;
}
