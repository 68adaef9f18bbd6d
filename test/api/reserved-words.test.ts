import { expect, test } from 'bun:test';
import { isReserved } from '../../src/codes/reserved.ts';
import { startApp } from '../support/app.ts';
import { routesOf } from '../support/operations.ts';

test('no short URL can take the place of a route', async () => {
  await using app = await startApp();
  const firstSegments = new Set(routesOf(app).map(({ path }) => path.split('/')[1] ?? ''));
  firstSegments.delete('');
  expect(firstSegments.size).toBeGreaterThan(1);
  expect([...firstSegments].filter((word) => !isReserved(word))).toEqual([]);
});
