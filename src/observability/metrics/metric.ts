export type Labels = Readonly<Record<string, string | number>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Of a histogram: `_bucket`, `_sum` or `_count`; else empty. */
  readonly suffix: string;
}

/** How the values of several processes become one. */
export type Aggregation = 'sum' | 'max' | 'min';

/** A metric at one moment, as it travels between processes. */
export interface MetricSnapshot {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregation: Aggregation;
  readonly samples: readonly Sample[];
}

/** All metrics of a process at one moment; plain JSON. */
export type Snapshot = readonly MetricSnapshot[];

/** A metric of this process: read when somebody asks, so that what it tells of only has to count. */
export type Metric = () => MetricSnapshot;

/** Values by label value: `{ hit: 3, miss: 1 }`. */
type Values = Readonly<Record<string, number>>;

/** Only ever grows, and is summed over processes. By convention the name ends with `_total`. */
export function counter(name: string, help: string, read: () => number): Metric;
export function counter(name: string, help: string, read: () => Values, label: string): Metric;
export function counter(name: string, help: string, read: () => number | Values, label?: string): Metric {
  return () => ({ name, help, type: 'counter', aggregation: 'sum', samples: samples(read(), label) });
}

/** Goes up and down. */
export function gauge(name: string, help: string, read: () => number | Values, options: GaugeOptions = {}): Metric {
  const { aggregation = 'sum', label } = options;
  return () => ({ name, help, type: 'gauge', aggregation, samples: samples(read(), label) });
}

export interface GaugeOptions {
  readonly aggregation?: Aggregation;
  /** Of the values, when there are several. */
  readonly label?: string;
}

export function snapshotOf(metrics: readonly Metric[]): Snapshot {
  return metrics.map((read) => read());
}

/** The same metrics with another label, such as the kind of process that they are from. */
export function labelled(metrics: readonly Metric[], labels: Labels): Metric[] {
  return metrics.map((read) => () => {
    const snapshot = read();
    return {
      ...snapshot,
      samples: snapshot.samples.map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } })),
    };
  });
}

function samples(values: number | Values, label = 'kind'): Sample[] {
  if (typeof values === 'number') return [{ labels: {}, value: values, suffix: '' }];
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value, suffix: '' }));
}
