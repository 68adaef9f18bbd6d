import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { createApi } from '../../src/api.ts';
import { isObject, objectAt } from '../support/openapi-documents.ts';
import { startContractClient } from './client.ts';
import { contract } from './contract.ts';

const README = join(import.meta.dir, '../../README.md');
const UPDATE = 'UPDATE_README=1 bun run test test/contract/readme.test.ts';
const SECTION = /(?<=<!-- operations: .* -->\n).*(?=<!-- \/operations -->)/s;

/** Operations that answer otherwise than the documents of REST API v3 say. */
const OTHERWISE: Readonly<Record<string, string>> = { mercureInfo: '501 always: no hub yet' };
/** Beyond those documents. */
const OWN = [
  'createShortUrls',
  'getShortUrlStats',
  'getTagStats',
  'getDomainStats',
  'getVisitsStats',
  'getOrphanVisitsStats',
];

/** What visitors ask for: answered by no router. */
const OF_VISITORS: readonly Operation[] = [
  { id: 'shortUrl', summary: 'Visit a short URL', request: 'GET /{shortCode}' },
  { id: 'trackShortUrl', summary: 'Record a visit without a redirect', request: 'GET /{shortCode}/track' },
];

interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly request: string;
}

test('the README lists every operation of the router', async () => {
  await using client = await startContractClient();
  const operations = operationsOf(await (await client.app.request('/rest/docs/json')).json());
  const routes = createApi(client.app.services).routes.filter(({ path }) => path.startsWith('/rest/v3/'));
  expect(operations).toHaveLength(routes.length);
  const readme = await Bun.file(README).text();
  const updated = readme.replace(SECTION, () => `\n${table([...operations, ...OF_VISITORS])}\n`);
  if (process.env.UPDATE_README) await Bun.write(README, updated);
  else if (readme !== updated) throw new Error(`README.md is out of date; this updates it: ${UPDATE}`);
  expect(updated).toContain(UPDATE);
  for (const { request } of operations) expect(updated).toContain(`\`${request}\``);
});

test.skipIf(contract === undefined)('its table has all operations of the documents, and marks the others', async () => {
  const documented = new Set(contract?.documented.map((name) => name.split(' ')[0] ?? ''));
  const listed = [...(await Bun.file(README).text()).matchAll(/^\| `(\w+)` \| `[A-Z]+ \//gm)].map(([, id = '']) => id);
  expect([...documented].filter((id) => !listed.includes(id))).toEqual([]);
  expect(listed.filter((id) => !documented.has(id)).sort()).toEqual([...OWN].sort());
});

function operationsOf(root: unknown): Operation[] {
  const paths = Object.entries(isObject(root) ? objectAt(root, 'paths') : {});
  return paths
    .flatMap(([path, item]) =>
      Object.entries(isObject(item) ? item : {}).map(([method, operation]) => {
        const { operationId, summary } = isObject(operation) ? operation : {};
        return { id: String(operationId), summary: String(summary), request: `${method.toUpperCase()} ${path}` };
      }),
    )
    .filter(({ request }) => request.includes(' /rest/v3/'));
}

function table(operations: readonly Operation[]): string {
  const rows = operations.map(({ id, summary, request }) => {
    const hop = OWN.includes(id) ? "hop's own" : (OTHERWISE[id] ?? 'as documented');
    return `| \`${id}\` | \`${request}\` | ${summary} | ${hop} |`;
  });
  return ['| Operation | Request | | hop |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}
