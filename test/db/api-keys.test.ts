import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  createApiKey,
  createFirstApiKey,
  ensureInitialApiKey,
  removeApiKey,
  setApiKeyEnabled,
} from '../../src/api-keys/admin.ts';
import { isAdmin } from '../../src/api-keys/api-key.ts';
import { generateApiKey } from '../../src/api-keys/key-text.ts';
import { hashApiKey } from '../../src/api-keys/service.ts';
import { listApiKeys } from '../../src/api-keys/store.ts';
import { createLogger } from '../../src/observability/log.ts';
import type { Services } from '../../src/services.ts';
import { until } from '../process/fixtures/programs.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { rejection } from '../support/rejection.ts';
import { createTestServices } from '../support/services.ts';

const PLAIN = { expiresAt: null, roles: [], authority: null };

let database: TestDatabase;
let statements: string[];
/** Two processes on one database: keys are changed in the first and used in the second. */
let first: Services;
let second: Services;
beforeAll(async () => {
  database = await createTestDatabase();
  first = await createTestServices(database.url);
  second = await createTestServices(database.url, { onStatement: (text) => statements?.push(text) });
});
afterAll(async () => {
  await Promise.all([first.close(), second.close()]);
  await database.drop();
});

const make = (name: string, options: object = {}) => createApiKey(first.database, { ...PLAIN, name, ...options });
const isTaken = async (key: string) => (await second.apiKeys.authenticate(key).catch(() => undefined)) !== undefined;

describe('the first key', () => {
  test('is made by exactly one of ten, and then never again', async () => {
    const own = await createTestDatabase();
    const services = await createTestServices(own.url);
    try {
      const keys = await Promise.all(Array.from({ length: 10 }, () => createFirstApiKey(services.database, 'admin')));
      expect(keys.filter((key) => key !== undefined)).toHaveLength(1);
      expect(await createFirstApiKey(services.database, 'other')).toBeUndefined();
      await ensureInitialApiKey(services.database, 'initial', createLogger('silent'));
      expect(await listApiKeys(services.database)).toMatchObject([{ name: 'admin', roles: [], enabled: true }]);
      const [key = ''] = keys.filter((key) => key !== undefined);
      expect(isAdmin(await services.apiKeys.authenticate(key))).toBe(true);
    } finally {
      await services.close();
      await own.drop();
    }
  });
});

test('an initial key with a typo is warned of, without being shown', async () => {
  const warnings: string[] = [];
  const mistyped = `hop_${'a'.repeat(36)}`;
  await ensureInitialApiKey(
    first.database,
    mistyped,
    createLogger('warn', (line) => warnings.push(line)),
  );
  expect(warnings.join()).toContain('INITIAL_API_KEY');
  expect(warnings.join()).not.toContain(mistyped);
});

describe('a key', () => {
  test('that was made is taken, with its name and without roles', async () => {
    const { key } = await make('plain');
    const apiKey = await second.apiKeys.authenticate(key);
    expect(apiKey).toEqual({ apiKeyId: expect.any(Number), name: 'plain', roles: [] });
  });

  test('comes with its roles and their domain, which is made with it', async () => {
    const roles = ['DOMAIN_SPECIFIC', 'NO_ORPHAN_VISITS', 'AUTHORED_SHORT_URLS'] as const;
    const keys = [
      await make('restricted', { roles, authority: 'a.test' }),
      await make('same', { roles, authority: 'a.test' }),
    ];
    const found = await Promise.all(keys.map(({ key }) => second.apiKeys.authenticate(key)));
    const domainId = expect.any(Number);
    expect(found[0]?.roles).toEqual([
      { type: 'AUTHORED_SHORT_URLS' },
      { type: 'DOMAIN_SPECIFIC', domainId, authority: 'a.test' },
      { type: 'NO_ORPHAN_VISITS' },
    ]);
    expect(found[1]?.roles).toEqual(found[0]?.roles);
    expect((await listApiKeys(first.database)).find(({ name }) => name === 'same')?.roles).toEqual(found[0]?.roles);
    await until(() => second.domains.has('a.test'), 2_500);
  });

  test('is stored as its hash only', async () => {
    const { key } = await make('hashed');
    const rows = await first.database.run('reports', (sql) => sql`select api_keys::text as row from api_keys`, {
      retry: false,
    });
    expect(JSON.stringify(rows)).toContain(hashApiKey(key).toString('hex'));
    expect(JSON.stringify(rows)).not.toContain(key);
  });

  test('may be any text when it is imported', async () => {
    for (const key of ['x', '  inner blank '.trim(), '9a7c', '{"a":1}']) {
      await make(`import ${key}`, { key });
      expect(await isTaken(key)).toBe(true);
    }
  });

  test.each(['', ' a', 'a ', 'ü', 'a\nb', 'a'.repeat(257)])(
    'is refused as %j, which no header carries unchanged',
    async (key) => {
      expect((await rejection(make('refused', { key }))).message).toContain('1 to 256 printable ASCII');
    },
  );

  test('is refused under a name or text that is taken', async () => {
    const { key } = await make('taken');
    expect((await rejection(make('taken'))).message).toBe('There is a key named "taken" already: choose another name.');
    expect((await rejection(make('another', { key }))).message).toBe('This key is there already, under another name.');
  });

  test('is refused as a name, and not repeated', async () => {
    const key = generateApiKey();
    expect((await rejection(make(key))).message).not.toContain(key);
    expect((await rejection(removeApiKey(first.database, key))).message).not.toContain(key);
  });
});

describe('within two seconds, in another process,', () => {
  test('a key is disabled, and enabled again', async () => {
    const { key, name } = await make('switched');
    expect(await isTaken(key)).toBe(true);
    await setApiKeyEnabled(first.database, name, false);
    await until(async () => !(await isTaken(key)), 2_000);
    await setApiKeyEnabled(first.database, name, true);
    await until(() => isTaken(key), 2_000);
  });

  test('a key is deleted', async () => {
    const { key, name } = await make('deleted');
    expect(await isTaken(key)).toBe(true);
    await removeApiKey(first.database, name);
    await until(async () => !(await isTaken(key)), 2_000);
    expect((await rejection(removeApiKey(first.database, name))).message).toContain('no key of that name');
  });
});

test('a key expires to the moment, although it is cached', async () => {
  const expiresAt = new Date(Date.now() + 1_000);
  const { key } = await make('expiring', { expiresAt });
  expect(await isTaken(key)).toBe(true);
  await Bun.sleep(expiresAt.getTime() - Date.now() - 400);
  expect(await isTaken(key)).toBe(true);
  await Bun.sleep(expiresAt.getTime() - Date.now() + 20);
  expect(await isTaken(key)).toBe(false);
});

describe('counted at the driver:', () => {
  const lookups = () => statements.filter((text) => text.includes('key_hash')).length;

  test('a mistyped key is no statement', async () => {
    statements = [];
    const key = generateApiKey();
    const mistyped = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
    expect(await rejection(second.apiKeys.authenticate(mistyped))).toMatchObject({ code: 'invalid-api-key' });
    expect(lookups()).toBe(0);
  });

  test('a thousand uses of a key, and of a wrong one, are one each', async () => {
    const { key } = await make('busy');
    statements = [];
    for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: 100 }, () => isTaken(key)));
    expect(lookups()).toBe(1);
    await Promise.all(Array.from({ length: 1_000 }, () => isTaken('wrong')));
    expect(lookups()).toBe(2);
  });
});
