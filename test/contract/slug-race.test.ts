import { expect, test } from 'bun:test';
import { startContractClient } from './client.ts';

test('of many who want a slug at once, one gets it and the others are told', async () => {
  await using client = await startContractClient();
  const create = (_: unknown, i: number) =>
    client.request('/short-urls', {
      method: 'POST',
      body: { longUrl: `https://example.com/${i}`, customSlug: 'wanted', tags: [`tag-${i % 7}`] },
    });
  const answers = await Promise.all(Array.from({ length: 200 }, create));
  const created = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 400);
  expect([created.length, refused.length]).toEqual([1, 199]);
  for (const { body } of refused)
    expect(body).toEqual({
      type: 'https://shlink.io/api/error/non-unique-slug',
      title: 'Invalid custom slug',
      detail: 'Provided slug "wanted" is already in use.',
      status: 400,
      customSlug: 'wanted',
    });
  expect<unknown>(await client.sdk.getShortUrl({ shortCode: 'wanted' })).toEqual(created[0]?.body);
});
