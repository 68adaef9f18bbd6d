import { afterAll, beforeAll, expect, test } from 'bun:test';
import { type ContractClient, startContractClient } from './client.ts';

let client: ContractClient;

beforeAll(async () => {
  client = await startContractClient({ MULTI_SEGMENT_SLUGS_ENABLED: 'true', SHORT_URL_MODE: 'loose' });
});

afterAll(() => client[Symbol.asyncDispose]());

test('the SDK works with slugs of several segments, in any case', async () => {
  const { sdk } = client;
  const created = await sdk.createShortUrl({ longUrl: 'https://example.com/target', customSlug: 'Guide/First Steps' });
  expect(created.shortCode).toBe('guide/first-steps');
  const key = { shortCode: 'guide/First-Steps' };
  expect(await sdk.getShortUrl(key)).toEqual(created);
  expect(await sdk.updateShortUrl(key, { title: 'edited' })).toMatchObject({ ...created, title: 'edited' });
  const rule = {
    longUrl: 'https://example.com/de',
    conditions: [{ type: 'language', matchKey: null, matchValue: 'de' }],
  };
  await sdk.setShortUrlRedirectRules(key, { redirectRules: [rule] } as never);
  expect((await sdk.getShortUrlRedirectRules(key)).redirectRules).toHaveLength(1);
  expect(await sdk.getShortUrlVisits(key)).toMatchObject({ data: [] });
  expect(await sdk.deleteShortUrlVisits(key)).toEqual({ deletedVisits: 0 });
  await sdk.deleteShortUrl(key);
  expect(await sdk.getShortUrl(key).catch((error) => error)).toMatchObject({ status: 404, shortCode: key.shortCode });
});
