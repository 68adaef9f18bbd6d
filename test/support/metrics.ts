import parsePrometheusTextFormat, { type ParsedMetric } from 'parse-prometheus-text-format';

/** Metrics as a scraper understands them. */
export class Scrape {
  readonly metrics: readonly ParsedMetric[];

  constructor(readonly text: string) {
    this.metrics = parsePrometheusTextFormat(text);
  }

  get names(): string[] {
    return this.metrics.map(({ name }) => name);
  }

  /** The value of the series with these labels; 0 when there is none yet. */
  value(name: string, labels: Record<string, string> = {}): number {
    const samples = this.metrics.find((metric) => metric.name === name)?.metrics ?? [];
    const matches = (own: Record<string, string> = {}) =>
      Object.entries(labels).every(([key, value]) => own[key] === value);
    return Number(samples.find((sample) => matches(sample.labels))?.value ?? 0);
  }

  /** Observations of a histogram. */
  count(name: string): number {
    return Number(this.metrics.find((metric) => metric.name === name)?.metrics[0]?.count);
  }

  /** All series that only grow, with their values. */
  counters(): Map<string, number> {
    const counters = this.metrics.filter(({ type }) => type === 'COUNTER');
    return new Map(
      counters.flatMap(({ name, metrics }) =>
        metrics.map(({ labels = {}, value }) => [name + JSON.stringify(labels), Number(value)] as const),
      ),
    );
  }
}
