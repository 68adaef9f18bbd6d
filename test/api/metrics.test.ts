import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { recorderMetrics } from '../../src/metrics/recorder.ts';
import { webMetrics } from '../../src/metrics/web.ts';
import { type Metric, snapshotOf } from '../../src/observability/metrics/metric.ts';
import { processMetrics } from '../../src/observability/metrics/process.ts';
import { FleetMetrics } from '../../src/supervisor/metrics.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Scrape } from '../support/metrics.ts';
import { createKey } from '../support/rest.ts';

let app: TestApp;
let metrics: FleetMetrics;
const common = { web: processMetrics('web'), recorder: processMetrics('recorder') };
beforeAll(async () => {
  app = await startApp();
  const counters = {
    visits: 0,
    batches: 0,
    failures: 0,
    gaps: 0,
    lostFrames: 0,
    rejected: 0,
    dropped: 0,
    droppedOrphans: 0,
  };
  const recorder = recorderMetrics({ counters, database: app.services.database, lagS: () => 0, lagBytes: () => 0 });
  const webs = [source([...webMetrics(app.measured), ...common.web.metrics])];
  const recorders = [source([...recorder, ...common.recorder.metrics])];
  metrics = new FleetMetrics({ children: (role) => (role === 'web' ? webs : recorders), restarts: () => 0 });
});
afterAll(async () => {
  metrics.close();
  common.web.close();
  common.recorder.close();
  await app.stop();
});

function source(all: readonly Metric[]) {
  return { exited: new Promise(() => {}), metrics: async () => JSON.parse(JSON.stringify(snapshotOf(all))) };
}

async function scrape(): Promise<Scrape> {
  return new Scrape(await metrics.text());
}

/** What the work has added to a counter. */
async function added(name: string, labels: Record<string, string>, work: () => Promise<unknown>): Promise<number> {
  const before = (await scrape()).value(name, labels);
  await work();
  return (await scrape()).value(name, labels) - before;
}

describe('metrics count', () => {
  const redirects = (outcome: string, work: () => Promise<unknown>) =>
    added('hop_redirect_requests_total', { outcome }, work);
  const lookups = (result: string, work: () => Promise<unknown>) => added('hop_cache_lookups_total', { result }, work);

  test('redirects and what became of the others', async () => {
    const path = await app.create();
    const limited = await app.create({ maxVisits: 1 });
    const both = () => Promise.all([app.request(path), app.request(path, { method: 'HEAD' }), app.request(limited)]);
    expect(await redirects('redirected', both)).toBe(3);
    expect(await redirects('invalid_short_url', () => app.request('/nobody'))).toBe(1);
    expect(await redirects('invalid_short_url', () => app.request(limited))).toBe(1);
    expect(await redirects('base_url', () => app.request('/'))).toBe(1);
    expect(await redirects('regular_404', () => app.request('/a/b/c'))).toBe(1);
    expect(await redirects('method_not_allowed', () => app.request(path, { method: 'PUT' }))).toBe(1);
  });

  test('lookups in the cache', async () => {
    const path = await app.create();
    expect(await lookups('miss', () => app.request(path))).toBe(1);
    expect(await lookups('hit', () => app.request(path))).toBe(1);
    app.services.links.everythingChanged();
    expect(await lookups('stale', () => app.request(path))).toBe(1);
    await app.request('/nobody-2');
    expect(await lookups('unknown', () => app.request('/nobody-2'))).toBe(1);
    const now = await scrape();
    expect(now.value('hop_cache_entries')).toBe(app.services.links.cache.size);
    expect(now.value('hop_cache_bytes')).toBe(app.services.links.cache.bytes);
    expect(now.count('hop_lookup_batch_size')).toBeGreaterThan(0);
  });

  test('requests to the API, statements and visits', async () => {
    const key = await createKey(app);
    const list = (text: string) => app.request('/rest/v3/short-urls', { headers: { 'x-api-key': text } });
    expect(await added('hop_api_requests_total', { status: '200' }, () => list(key))).toBe(1);
    expect(await added('hop_api_requests_total', { status: '401' }, () => list('none'))).toBe(1);
    expect(await added('hop_api_requests_total', { status: '201' }, () => app.shorten({ url: 'example.com' }))).toBe(1);
    expect(await added('hop_database_statements_total', { pool: 'reports' }, () => list(key))).toBeGreaterThan(0);
    const path = await app.create();
    const visit = async () => {
      await app.request(path);
      app.measured.journal?.write();
    };
    expect(await added('hop_journal_visits_total', {}, visit)).toBeGreaterThan(0);
    const now = await scrape();
    expect(now.value('hop_database_up')).toBe(1);
    expect(now.count('hop_redirect_duration_seconds')).toBeGreaterThan(0);
    expect(now.value('hop_processes', { process: 'web' })).toBe(1);
  });
});

test('every metric has a help text and one of our names, and counters say so', async () => {
  const all = (await scrape()).metrics;
  expect(all.length).toBeGreaterThan(40);
  for (const { name, help, type } of all) {
    expect(name).toMatch(/^hop_[a-z0-9_]+$/);
    expect(help).toMatch(/^[A-Z0-9].*\.$/);
    expect({ name, endsWithTotal: name.endsWith('_total') }).toEqual({ name, endsWithTotal: type === 'COUNTER' });
  }
});
