import { startApp, type TestApp } from '../support/app.ts';
import { storeVisits, visit } from '../support/stored-visits.ts';

export const KEY = 'key-of-the-browser';
export const DOMAIN = 's.test';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** hop, with a short URL to look at. */
export async function startFilledHop(): Promise<TestApp> {
  const hop = await startApp({ DEFAULT_DOMAIN: DOMAIN, INITIAL_API_KEY: KEY });
  await fill(hop);
  return hop;
}

/** A short URL with a tag, a rule and two visits of this week. */
async function fill(hop: TestApp): Promise<void> {
  await post(hop, 'short-urls', {
    longUrl: 'https://example.com/',
    customSlug: 'looked-at',
    title: 'A title to look at',
    tags: ['fruit'],
  });
  const phones = { type: 'device', matchKey: null, matchValue: 'android' };
  const rule = { longUrl: 'https://example.com/phones', conditions: [phones] };
  await post(hop, 'short-urls/looked-at/redirect-rules', { redirectRules: [rule] });
  const [row] = await hop.sql<{ shortUrlId: number }[]>`select short_url_id::int as "shortUrlId" from short_urls`;
  const visited = { kind: 'short_url', shortCode: 'looked-at', timeMs: Date.now() - 60_000, ...row } as const;
  const earlier = { ...visited, timeMs: Date.now() - 3 * 86_400_000 };
  const byFirefox = { userAgent: FIREFOX, browser: 'firefox', os: 'linux', referrer: 'https://news.test/' };
  await storeVisits(hop.services.database, [visit({ ...visited, ...byFirefox }), visit(earlier)]);
}

async function post(hop: TestApp, path: string, body: unknown): Promise<void> {
  const headers = { 'x-api-key': KEY, 'content-type': 'application/json' };
  const answer = await hop.request(`/rest/v3/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
}
