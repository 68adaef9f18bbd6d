import { expect, test } from 'bun:test';
import { createApiKey } from '../../src/api-keys/admin.ts';
import { throughProxy } from '../fault/stage.ts';
import { until } from '../process/fixtures/programs.ts';
import { createTestDatabase } from '../support/database.ts';
import { startProxy, upstreamOf } from '../support/proxy.ts';
import { rejection } from '../support/rejection.ts';
import { createTestServices } from '../support/services.ts';

test('while the database is away, a key just used works on for its time, and nothing is said of others', async () => {
  await using stack = new AsyncDisposableStack();
  const database = await createTestDatabase();
  stack.defer(() => database.drop());
  const proxy = stack.use(await startProxy(upstreamOf(database.url)));
  const services = await createTestServices(throughProxy(database.url, proxy.port));
  stack.defer(() => services.close());
  const options = { expiresAt: null, roles: [], authority: null };
  const [used, unused] = await Promise.all([1, 2].map(() => createApiKey(services.database, options)));

  const { apiKeyId } = await services.apiKeys.authenticate(used?.key ?? '');
  await proxy.become('refuse');
  expect(await services.apiKeys.authenticate(used?.key ?? '')).toMatchObject({ apiKeyId });
  const error = await rejection(services.apiKeys.authenticate(unused?.key ?? ''));
  expect(error).toMatchObject({ code: 'database-unavailable' });
  expect(Bun.inspect(error)).not.toContain(unused?.key ?? '');

  await Bun.sleep(1_600);
  expect(await rejection(services.apiKeys.authenticate(used?.key ?? ''))).toMatchObject({
    code: 'database-unavailable',
  });

  await proxy.become('forward');
  await until(() => services.apiKeys.authenticate(unused?.key ?? '').then(Boolean, () => false), 2_000);
});
