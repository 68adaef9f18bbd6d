import { afterAll, describe, expect, test } from 'bun:test';
import { createLogger } from '../../src/observability/log.ts';
import { counter, gauge, snapshotOf } from '../../src/observability/metrics/metric.ts';
import { startAdmin } from '../../src/supervisor/admin.ts';
import { FleetMetrics, type MetricsSource } from '../../src/supervisor/metrics.ts';
import { readiness } from '../../src/supervisor/readiness.ts';

const ends: (() => unknown)[] = [];
afterAll(() => Promise.all(ends.map((end) => end())));

function start(options: Partial<Parameters<typeof startAdmin>[0]> = {}) {
  const admin = startAdmin({
    hostname: '127.0.0.1',
    port: 0,
    metrics: async () => 'up 1\n',
    readiness: () => ({ isReady: true, reasons: [] }),
    log: createLogger('silent'),
    ...options,
  });
  ends.push(() => admin.stop());
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${admin.port}${path}`, init);
  return { ...admin, get };
}

/** A process that counts; `exit` ends it. */
function child(count: number) {
  const { promise: exited, resolve: exit } = Promise.withResolvers<void>();
  const state = { count, answers: true };
  const metrics = async () => {
    const metrics = [counter('visits_total', 'Visits.', () => state.count), gauge('links', 'Links.', () => 5)];
    return state.answers ? snapshotOf(metrics) : undefined;
  };
  return { source: { exited, metrics } satisfies MetricsSource, state, exit };
}

describe('the admin port', () => {
  test('serves metrics and health', async () => {
    const { get } = start();
    const metrics = await get('/metrics');
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await metrics.text()).toBe('up 1\n');
    const live = await get('/health/live');
    expect([live.status, await live.json()]).toEqual([200, { status: 'alive' }]);
    const ready = await get('/health/ready');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics', { method: 'POST' })).status).toBe(404);
  });

  test('says why it is not ready', async () => {
    const { get } = start({ readiness: () => readiness([], true) });
    const ready = await get('/health/ready');
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not ready', reasons: ['hop is ending', 'no web process listens'] },
    ]);
  });

  test('is not shared with another program', () => {
    const { port } = start();
    expect(() => start({ port })).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  });
});

test('ready is who listens, has reached the database and is not about to end', () => {
  const starting = { isStarted: false, isReady: false };
  const listening = { isStarted: true, isReady: false };
  const ready = { isStarted: true, isReady: true };
  expect(readiness([starting, ready], false)).toEqual({ isReady: true, reasons: [] });
  expect(readiness([ready], true)).toEqual({ isReady: false, reasons: ['hop is ending'] });
  expect(readiness([starting], false).reasons).toEqual(['no web process listens']);
  expect(readiness([starting, listening], false).reasons).toEqual(['no web process has reached the database yet']);
});

describe('the metrics of all processes', () => {
  function fleet(webs: MetricsSource[]) {
    const metrics = new FleetMetrics({
      children: (role) => (role === 'web' ? webs : []),
      restarts: (role) => (role === 'web' ? 3 : 0),
    });
    ends.push(() => metrics.close());
    return metrics;
  }

  test('never fall when a process ends', async () => {
    const first = child(10);
    const webs = [first.source];
    const metrics = fleet(webs);
    expect(await metrics.text()).toContain('\nvisits_total 10\n');
    webs.pop();
    first.state.count = 11;
    expect(await metrics.text()).toContain('\nvisits_total 11\n');
    first.exit();
    await first.source.exited;
    webs.push(child(1).source);
    const text = await metrics.text();
    expect(text).toContain('\nvisits_total 12\n');
    expect(text).toContain('\nlinks 5\n');
  });

  test('hold what a process said last while it does not answer', async () => {
    const stuck = child(10);
    const metrics = fleet([stuck.source, child(1).source]);
    await metrics.text();
    stuck.state.answers = false;
    expect(await metrics.text()).toContain('\nvisits_total 11\n');
  });

  test('tell of the supervisor itself', async () => {
    const text = await fleet([child(0).source]).text();
    expect(text).toMatch(/^hop_build_info\{version="\d+\.\d+\.\d+",bun="[^"]+"\} 1$/m);
    expect(text).toContain('\nhop_child_restarts_total{process="web"} 3\n');
    expect(text).toContain('\nhop_children{process="web"} 1\n');
    expect(text).toMatch(/^hop_process_resident_memory_bytes\{process="supervisor"\} \d+$/m);
  });
});
