import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { DataDir } from '../support/data-dir.ts';
import { Hops } from '../support/hop-process.ts';

const hops = new Hops();
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(async () => {
  await hops[Symbol.asyncDispose]();
  await app.stop();
});

/** `hop codes …` on the app's database. */
async function codes(...args: string[]) {
  await using dataDir = new DataDir();
  const settings = { DATABASE_URL: app.database.url, DEFAULT_DOMAIN: 'hop.test', DATA_DIR: dataDir.path };
  return await hops.start(['codes', ...args], settings).ended();
}

test('hop codes tells what stands in the way of SHORT_URL_MODE=loose, and folds the rest', async () => {
  for (const customSlug of ['one', 'Two', 'Three', 'three']) await app.create({ customSlug });
  const asked = await codes();
  expect(asked).toMatchObject({ code: 1, stderr: '' });
  expect(asked.stdout).toMatch(/^Short codes that are not in lower case: 2\..*\nThree, three\n$/s);

  const folded = await codes('--fold');
  expect(folded).toMatchObject({ code: 1, stderr: '' });
  expect(folded.stdout).toMatch(
    /^Stored 1 in lower case\.\nShort codes that are not in lower case: 1\..*\nThree, three\n$/s,
  );
  expect((await app.request('/two')).status).toBe(302);

  await app.sql`delete from short_urls where short_code = 'Three'`;
  expect(await codes()).toMatchObject({ code: 0, stdout: 'All short codes are in lower case.\n', stderr: '' });
});
