import type { Metric, Sample } from './metric.ts';

/** Counts observations by size in plain numbers, which costs some nanoseconds each. */
export class Histogram {
  readonly #bounds: readonly number[];
  /** One for each bound, and one beyond the last; not cumulative. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds upper bounds of the buckets, ascending, in the unit of what is observed */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? 0)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  metric(name: string, help: string): Metric {
    return () => ({ name, help, type: 'histogram', aggregation: 'sum', samples: this.#samples() });
  }

  /** Cumulative, as Prometheus has them. */
  #samples(): Sample[] {
    let count = 0;
    const buckets = Array.from(this.#counts, (inBucket, i) => {
      count += inBucket;
      return { suffix: '_bucket', labels: { le: this.#bounds[i] ?? '+Inf' }, value: count };
    });
    const totals = [
      { suffix: '_sum', labels: {}, value: this.#sum },
      { suffix: '_count', labels: {}, value: count },
    ];
    return [...buckets, ...totals];
  }
}
