import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { startApp, type TestApp } from '../support/app.ts';

/** The URL cases of the Web Platform Tests; strings between them are comments. Lies beside the project in CI. */
const DATA = resolve(import.meta.dir, '../../../shared/data/urltestdata.json');
const CONCURRENCY = 32;

const isThere = existsSync(DATA);
if (!isThere)
  console.log('skipped: the WHATWG URL cases over HTTP, because ../shared/data/urltestdata.json is not there');

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

describe.skipIf(!isThere)('every WHATWG URL case', () => {
  test('is created or refused; what is created redirects by one line of printable ASCII', async () => {
    const inputs = await readInputs();
    expect(inputs.length).toBeGreaterThan(500);
    const locations: string[] = [];
    const work = inputs.values();
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        for (const input of work) {
          for (const url of [input, `http://example.com/${input}`]) {
            const location = await shortenAndFollow(url);
            if (location !== undefined) locations.push(location);
          }
        }
      }),
    );
    expect(locations.length).toBeGreaterThan(500);
    for (const location of locations) expect(location).toMatch(/^https?:\/\/[\x21-\x7e]+$/);
  });
});

async function readInputs(): Promise<string[]> {
  const entries: (string | { readonly input: string })[] = await Bun.file(DATA).json();
  return entries.flatMap((entry) => (typeof entry === 'string' ? [] : entry.input));
}

/** The Location of its short URL, undefined where it was refused. */
async function shortenAndFollow(url: string): Promise<string | undefined> {
  // Escapes lone surrogates, which no UTF-8 body could carry otherwise.
  const created = await app.shorten({ url });
  const body = await created.json();
  if (created.status === 400) {
    expect({ url, body }).toEqual({ url, body: { status: 'error', message: { url: expect.any(String) } } });
    return undefined;
  }
  expect({ url, status: created.status }).toEqual({ url, status: 201 });
  const followed = await app.request(new URL((body as { shortened_url: string }).shortened_url).pathname);
  expect({ url, status: followed.status }).toEqual({ url, status: 302 });
  return followed.headers.get('location') ?? '';
}
