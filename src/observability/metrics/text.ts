import type { Sample, Snapshot } from './metric.ts';

/** Of the text that `metricsText` makes. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The metrics as Prometheus reads them (https://prometheus.io/docs/instrumenting/exposition_formats/). prom-client is
 * loaded by the first who asks: only the supervisor ever needs it, and its loading takes 20 ms and some memory.
 */
export async function metricsText(snapshot: Snapshot): Promise<string> {
  const { AggregatorRegistry } = await import('prom-client');
  const metrics = snapshot.map(({ name, help, type, samples }) => ({
    name,
    help,
    type,
    aggregator: 'sum',
    values: samples.map((sample) => toValue(name, sample)),
  }));
  return AggregatorRegistry.aggregate([metrics]).metrics();
}

function toValue(name: string, { suffix, labels, value }: Sample) {
  return { metricName: name + suffix, labels, value };
}
