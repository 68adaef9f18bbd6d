import { describe, expect, test } from 'bun:test';
import { Histogram } from '../../src/observability/metrics/histogram.ts';
import { counter, gauge, labelled, type Snapshot, snapshotOf } from '../../src/observability/metrics/metric.ts';
import { metricsText } from '../../src/observability/metrics/text.ts';
import { MetricsTotal } from '../../src/observability/metrics/total.ts';

function snapshot(requests: number, memory: number, isUp: number): Snapshot {
  return snapshotOf([
    counter('requests_total', 'Requests.', () => ({ good: requests, bad: 1 }), 'outcome'),
    gauge('memory_bytes', 'Memory.', () => memory),
    gauge('up', 'Whether all are up.', () => isUp, { aggregation: 'min' }),
  ]);
}

function values(snapshot: Snapshot): Record<string, number> {
  const samples = snapshot.flatMap(({ name, samples }) => samples.map((sample) => ({ ...sample, name })));
  return Object.fromEntries(
    samples.map(({ name, labels, value }) => [[name, ...Object.values(labels)].join(' '), value]),
  );
}

describe('the total of several processes', () => {
  test('sums their counters and gauges, or takes the least', () => {
    const total = new MetricsTotal();
    total.update(1, snapshot(10, 100, 1));
    total.update(2, snapshot(20, 200, 0));
    expect(values(total.read([]))).toEqual({
      'requests_total good': 30,
      'requests_total bad': 2,
      memory_bytes: 300,
      up: 0,
    });
  });

  test('takes the latest of each process', () => {
    const total = new MetricsTotal();
    total.update(1, snapshot(10, 100, 1));
    total.update(1, snapshot(11, 90, 1));
    expect(values(total.read([]))).toMatchObject({ 'requests_total good': 11, memory_bytes: 90 });
  });

  test('keeps what ended processes have counted, without their gauges', () => {
    const total = new MetricsTotal();
    total.update(1, snapshot(10, 100, 0));
    total.update(2, snapshot(20, 200, 1));
    total.end(1);
    expect(values(total.read([]))).toMatchObject({ 'requests_total good': 30, memory_bytes: 200, up: 1 });
    total.update(3, snapshot(0, 50, 1));
    total.end(2);
    expect(values(total.read([]))).toMatchObject({ 'requests_total good': 30, memory_bytes: 50, up: 1 });
  });

  test('sums seconds to the same when one of the processes ends', () => {
    const total = new MetricsTotal();
    const seconds = () => total.read([])[0]?.samples[0]?.value ?? 0;
    const parts = [0.1, 0.2, 0.3]; // 0.1 + 0.2 + 0.3 > 0.2 + 0.3 + 0.1
    for (const [id, part] of parts.entries()) {
      total.update(id, snapshotOf([counter('seconds_total', 'Time.', () => part)]));
    }
    const before = seconds();
    expect(before).toBeCloseTo(0.6, 5);
    for (const id of parts.keys()) {
      total.end(id);
      expect(seconds()).toBe(before);
    }
  });

  test('adds what the asking process counts', () => {
    const total = new MetricsTotal();
    total.update(1, snapshot(10, 100, 1));
    expect(values(total.read(snapshot(1, 1, 1)))).toMatchObject({ 'requests_total good': 11, memory_bytes: 101 });
  });

  test('sums histograms, also those of ended processes', () => {
    const histogram = new Histogram([1, 10]);
    const total = new MetricsTotal();
    for (const value of [0.5, 1, 5, 50]) histogram.observe(value);
    total.update(1, snapshotOf([histogram.metric('size', 'Sizes.')]));
    total.update(2, snapshotOf([histogram.metric('size', 'Sizes.')]));
    total.end(1);
    const [size] = total.read([]);
    expect(size?.samples.map(({ suffix, labels, value }) => [suffix, labels.le, value])).toEqual([
      ['_bucket', 1, 4],
      ['_bucket', 10, 6],
      ['_bucket', '+Inf', 8],
      ['_sum', undefined, 113],
      ['_count', undefined, 8],
    ]);
  });
});

test('metrics are printed as Prometheus reads them', async () => {
  const histogram = new Histogram([0.1]);
  histogram.observe(0.05);
  const metrics = [
    ...labelled([gauge('memory_bytes', 'Memory.', () => 1)], { process: 'web' }),
    counter('answers_total', 'Answers,\nby "text".', () => ({ 'a"b\\c\nd': 2 }), 'text'),
    histogram.metric('duration_seconds', 'Duration.'),
  ];
  expect(await metricsText(snapshotOf(metrics))).toBe(`# HELP memory_bytes Memory.
# TYPE memory_bytes gauge
memory_bytes{process="web"} 1

# HELP answers_total Answers,\\nby "text".
# TYPE answers_total counter
answers_total{text="a\\"b\\\\c\\nd"} 2

# HELP duration_seconds Duration.
# TYPE duration_seconds histogram
duration_seconds_bucket{le="0.1"} 1
duration_seconds_bucket{le="+Inf"} 1
duration_seconds_sum 0.05
duration_seconds_count 1
`);
});
