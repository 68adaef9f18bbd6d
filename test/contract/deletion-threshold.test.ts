import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { ShlinkShortUrl } from '@shlinkio/shlink-js-sdk/api-contract';
import { type ContractClient, startContractClient } from './client.ts';

let client: ContractClient;

beforeAll(async () => {
  client = await startContractClient({ DELETE_SHORT_URL_THRESHOLD: '15' });
});

afterAll(() => client[Symbol.asyncDispose]());

async function visited({ shortCode }: ShlinkShortUrl, nonBots: number, bots: number): Promise<void> {
  await client.app.sql`
    insert into short_url_visit_totals (domain_id, short_code, short_url_id, non_bots, bots)
    select domain_id, short_code, short_url_id, ${nonBots}, ${bots} from short_urls where short_code = ${shortCode}`;
}

test('a short URL with as many visits as allowed is deleted', async () => {
  const created = await client.create();
  await visited(created, 10, 5);
  expect((await client.request(`/short-urls/${created.shortCode}`, { method: 'DELETE' })).status).toBe(204);
});

test.each([undefined, 'other.test'])('a short URL with more visits is not: domain %p', async (domain) => {
  const created = await client.create({ domain });
  const { shortCode } = created;
  await visited(created, 10, 6);
  const query = domain === undefined ? '' : `?domain=${domain}`;
  const { body } = await client.request(`/short-urls/${shortCode}${query}`, { method: 'DELETE' });
  const where = domain === undefined ? '' : ` for domain "${domain}"`;
  expect(body).toEqual({
    type: 'https://shlink.io/api/error/invalid-short-url-deletion',
    title: 'Cannot delete short URL',
    detail: `Impossible to delete short URL with short code "${shortCode}"${where}, since it has more than "15" visits.`,
    status: 422,
    shortCode,
    ...(domain !== undefined && { domain }),
    threshold: 15,
  });
  expect(await client.sdk.getShortUrl(created)).toMatchObject({ visitsSummary: { total: 16, nonBots: 10, bots: 6 } });
});
