import type { Aggregation, MetricSnapshot, Sample, Snapshot } from './metric.ts';

const COMBINE: Readonly<Record<Aggregation, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  max: Math.max,
  min: Math.min,
};

/**
 * The metrics of all processes as one. What a process that has ended had counted stays in the sums, so that no counter
 * ever falls while hop runs, which Prometheus would take for a restart; its gauges go with it.
 */
export class MetricsTotal {
  readonly #living = new Map<number, Snapshot>();
  #ended: Snapshot = [];

  /** The latest that is known of a process, by its id; it counts until the next one, also if the process is stuck. */
  update(processId: number, snapshot: Snapshot): void {
    this.#living.set(processId, snapshot);
  }

  /** Ids of ended processes do not come back before they have ended. */
  end(processId: number): void {
    const last = this.#living.get(processId) ?? [];
    this.#living.delete(processId);
    this.#ended = merge([this.#ended, last.filter(({ type }) => type !== 'gauge')]);
  }

  /** @param own what the asking process counts itself */
  read(own: Snapshot): Snapshot {
    return merge([own, ...this.#living.values(), this.#ended]);
  }
}

/** One snapshot of several: samples of one name and one set of labels become one. */
export function merge(snapshots: readonly Snapshot[]): Snapshot {
  const byName = Map.groupBy(snapshots.flat(), ({ name }) => name);
  return Array.from(byName.values(), mergeMetric);
}

function mergeMetric(snapshots: readonly MetricSnapshot[]): MetricSnapshot {
  const [first = EMPTY] = snapshots;
  const combine = COMBINE[first.aggregation];
  const merged = new Map<string, Sample>();
  for (const sample of snapshots.flatMap(({ samples }) => samples)) {
    const key = seriesOf(sample);
    const known = merged.get(key);
    const value = summable(sample.value);
    merged.set(key, { ...sample, value: known === undefined ? value : combine(known.value, value) });
  }
  return { ...first, samples: [...merged.values()] };
}

/** A power of two: multiples of its inverse, just below a microsecond, add up exactly to beyond 200 years of seconds. */
const PARTS = 2 ** 20;

/**
 * Rounded down to what adds up exactly. Otherwise a sum depends on the order of its parts, which a process that ends
 * changes: a counter of seconds then fell by its last digit, and Prometheus adds its whole value once more.
 */
function summable(value: number): number {
  return Math.floor(value * PARTS) / PARTS;
}

const EMPTY: MetricSnapshot = { name: '', help: '', type: 'gauge', aggregation: 'sum', samples: [] };

function seriesOf({ suffix, labels }: Sample): string {
  return JSON.stringify([suffix, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
