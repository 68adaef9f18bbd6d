import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { createApi } from '../../src/api.ts';
import type { RoleType } from '../../src/api-keys/api-key.ts';
import { type RoleWorld, startRoleWorld } from '../support/role-world.ts';
import { isPublic, PROBES } from './role-probes.ts';

// The matrix: every route of the router × every role × own and foreign short URLs, tags, domains and visits.

setDefaultTimeout(30_000);

const ROLES: readonly (readonly RoleType[])[] = [
  [],
  ['AUTHORED_SHORT_URLS'],
  ['DOMAIN_SPECIFIC'],
  ['NO_ORPHAN_VISITS'],
  ['AUTHORED_SHORT_URLS', 'DOMAIN_SPECIFIC', 'NO_ORPHAN_VISITS'],
];

let admin: RoleWorld;
let routes: string[];

beforeAll(async () => {
  admin = await startRoleWorld([]);
  routes = createApi(admin.app.services)
    .routes.filter(({ path }) => path.startsWith('/rest/'))
    .map(({ method, path }) => `${method} ${path}`);
});
afterAll(() => admin[Symbol.asyncDispose]());

test('the matrix knows every route of the router, and no other', () => {
  const isDocs = (route: string) => route.startsWith('GET /rest/docs');
  expect(Object.keys(PROBES).sort()).toEqual(routes.filter((route) => !isDocs(route)).sort());
});

test('nothing but health and docs answers without a key that is valid', async () => {
  for (const route of routes) {
    const expected = isPublic(route) ? [200, 200] : ['missing-authentication', 'invalid-api-key'];
    expect([route, await withKey(route, undefined), await withKey(route, 'unknown')]).toEqual([route, ...expected]);
  }
});

describe.each(ROLES.map((roles) => [roles.join(', ') || 'admin', roles] as const))('%s:', (_name, roles) => {
  let world: RoleWorld;
  beforeAll(async () => {
    world = roles.length === 0 ? admin : await startRoleWorld(roles);
  });
  afterAll(async () => {
    if (world !== admin) await world[Symbol.asyncDispose]();
  });

  test.each(Object.keys(PROBES))('%s', async (route) => {
    const [actual, expected] = (await PROBES[route]?.(world)) ?? [];
    expect(actual).toEqual(expected);
  });
});

/** The status of a success, or which error it is. */
async function withKey(route: string, key: string | undefined): Promise<unknown> {
  const [method = '', path = ''] = route.replace(/:\w+/g, 'anything').split(' ');
  const query = key === undefined ? '' : `?apiKey=${key}`;
  const answer = await admin.app.request(`${path}${query}`, {
    method,
    headers: { ...(key !== undefined && { 'x-api-key': key }), 'content-type': 'application/json' },
    ...(/POST|PUT|PATCH/.test(method) && { body: '{}' }),
  });
  if (answer.status === 200) return 200;
  const { type } = (await answer.json()) as { type: string };
  return type.replace('https://shlink.io/api/error/', '');
}
