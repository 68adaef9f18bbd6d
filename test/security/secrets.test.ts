import { expect, test } from 'bun:test';
import { generateApiKey } from '../../src/api-keys/key-text.ts';
import { hashApiKey } from '../../src/api-keys/service.ts';
import { loadConfig } from '../../src/config.ts';
import { webMetrics } from '../../src/metrics/web.ts';
import { createLogger } from '../../src/observability/log.ts';
import { snapshotOf } from '../../src/observability/metrics/metric.ts';
import { metricsText } from '../../src/observability/metrics/text.ts';
import { startWeb } from '../../src/web.ts';
import { until } from '../process/fixtures/programs.ts';
import { startApp } from '../support/app.ts';
import { DataDir } from '../support/data-dir.ts';
import { createKey } from '../support/rest.ts';

/** Where an API key may be sent, rightly or not. */
function requestsWith(key: string): [path: string, init: RequestInit][] {
  const headers = { 'x-api-key': key };
  const query = new URLSearchParams({ apiKey: key, longUrl: 'not a URL' });
  const json = { ...headers, 'content-type': 'application/json' };
  return [
    ['/rest/v3/short-urls', { headers }],
    [`/rest/v3/short-urls/shorten?${query}`, {}],
    [`/rest/v3/short-urls?${query}&page=x`, { headers }],
    ['/rest/v3/short-urls', { method: 'POST', headers: json, body: JSON.stringify({ longUrl: 'x', apiKey: key }) }],
    ['/rest/v3/short-urls', { method: 'POST', headers: json, body: `{"apiKey":"${key}"` }],
    ['/rest/v3/short-urls', { method: 'POST', headers: { ...headers, 'content-type': key }, body: '{}' }],
    ['/rest/v3/nothing', { headers }],
    ['/rest/v3/tags', { method: 'POST', headers }],
    ['/', { method: 'POST', headers, body: '{"url":"x"}' }],
    ['/', { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: '{"url":"x"}' }],
    ['/a/b', { headers }],
    ['/rest/v3/short-urls', { headers: { ...headers, origin: `https://${key}.test` } }],
  ];
}

/** All that is answered but what a client sent in a place where it is echoed by purpose. */
async function answered(url: string, requests: readonly [string, RequestInit][]): Promise<string> {
  const texts = requests.map(async ([path, init]) => {
    const answer = await fetch(`${url}${path}`, { redirect: 'manual', ...init });
    return JSON.stringify([...answer.headers]) + (await answer.text());
  });
  return (await Promise.all(texts)).join('\n');
}

test('an API key, valid or not, stands in no answer, no metric and not in the database', async () => {
  await using app = await startApp();
  const [valid, invalid] = [await createKey(app), generateApiKey()];
  for (const key of [valid, invalid]) {
    const told = await answered(app.url, requestsWith(key));
    expect(told).not.toContain(key);
    expect(told).not.toContain(hashApiKey(key).toString('hex'));
  }
  const metrics = await metricsText(snapshotOf(webMetrics(app.measured)));
  expect(metrics).toContain('hop_');
  for (const key of [valid, invalid]) expect(metrics).not.toContain(key.slice(8));
  const [row] = await app.sql<{ rows: string }[]>`
    select string_agg(k::text, ' ') || (select coalesce(string_agg(i::text, ' '), '') from idempotency_keys i) as rows
    from api_keys k`;
  expect(row?.rows.replaceAll(`test ${valid}`, '')).not.toContain(valid);
});

test('a database that refuses us is logged without its password, and answered without its address', async () => {
  const password = 'p4ssw0rd-0f-the-database';
  const lines: string[] = [];
  await using dataDir = new DataDir();
  const databaseUrl = `postgres://hop:${password}@127.0.0.1:1/secret-database-name`;
  const web = startWeb({
    config: loadConfig(
      { PORT: '0', DATA_DIR: dataDir.path, DATABASE_URL: databaseUrl, DEFAULT_DOMAIN: 'hop.test', HOST: '127.0.0.1' },
      { embedded: false },
    ),
    log: createLogger('debug', (line) => lines.push(line)),
    databaseUrl,
    onFatal: (error) => lines.push(Bun.inspect(error)),
  });
  const key = generateApiKey();
  const told = await answered(`http://127.0.0.1:${web.server.port}`, [...requestsWith(key), ['/abc', {}], ['/', {}]]);
  const metrics = await metricsText(snapshotOf(webMetrics(web)));
  await until(() => lines.length > 0);
  await web.stop();
  for (const text of [lines.join(''), told, metrics]) {
    expect(text).not.toContain(password);
    expect(text).not.toContain(key);
  }
  expect(told).not.toMatch(/secret-database-name|127\.0\.0\.1:1\b|ECONNREFUSED/);
});
