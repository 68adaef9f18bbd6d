import { counter, gauge, labelled, type Metric, type Snapshot, snapshotOf } from '../observability/metrics/metric.ts';
import { buildInfo, processMetrics } from '../observability/metrics/process.ts';
import { metricsText } from '../observability/metrics/text.ts';
import { MetricsTotal } from '../observability/metrics/total.ts';
import type { Role } from './messages.ts';

/** A process that can be asked for its metrics. */
export interface MetricsSource {
  readonly exited: Promise<unknown>;
  /** What it said when it ended in order. */
  readonly lastMetrics?: unknown;
  /** Undefined when it does not answer. */
  metrics(): Promise<unknown>;
}

export interface FleetMetricsOptions {
  readonly children: (role: Role) => readonly MetricsSource[];
  readonly restarts: (role: Role) => number;
}

const ROLES = ['web', 'recorder'] as const satisfies Role[];

/** How much of what a process has counted is unknown at most, should it be killed. */
const POLL_MS = 1_000;

/** The metrics of hop as a whole: those of its processes, living and ended, and the supervisor's own. */
export class FleetMetrics {
  readonly #options: FleetMetricsOptions;
  readonly #total = new MetricsTotal();
  /** Ids of all that have not ended, also of those that have been replaced and still drain. */
  readonly #ids = new Map<MetricsSource, number>();
  readonly #own: readonly Metric[];
  readonly #close: () => void;
  #lastId = 0;

  constructor(options: FleetMetricsOptions) {
    this.#options = options;
    const own = processMetrics('supervisor');
    this.#own = [buildInfo, ...own.metrics, ...ROLES.flatMap((role) => roleMetrics(role, options))];
    const timer = setInterval(() => void this.#collect(), POLL_MS);
    this.#close = () => {
      clearInterval(timer);
      own.close();
    };
  }

  /** As Prometheus reads it. Takes as long as the slowest process is waited for. */
  async text(): Promise<string> {
    await this.#collect();
    return metricsText(this.#total.read(snapshotOf(this.#own)));
  }

  close(): void {
    this.#close();
  }

  async #collect(): Promise<void> {
    for (const child of ROLES.flatMap((role) => this.#options.children(role))) this.#follow(child);
    await Promise.all(Array.from(this.#ids, ([child, id]) => this.#ask(child, id)));
  }

  #follow(child: MetricsSource): void {
    if (this.#ids.has(child)) return;
    const id = ++this.#lastId;
    this.#ids.set(child, id);
    void child.exited.then(() => {
      this.#update(id, child.lastMetrics);
      this.#ids.delete(child);
      this.#total.end(id);
    });
  }

  async #ask(child: MetricsSource, id: number): Promise<void> {
    const snapshot = await child.metrics();
    // What an ended process had said last has been added for good.
    if (this.#ids.has(child)) this.#update(id, snapshot);
  }

  #update(id: number, snapshot: unknown): void {
    if (Array.isArray(snapshot)) this.#total.update(id, snapshot as Snapshot);
  }
}

function roleMetrics(role: Role, { children, restarts }: FleetMetricsOptions): Metric[] {
  const metrics = [
    gauge('hop_children', 'Processes that the supervisor takes for running.', () => children(role).length),
    counter('hop_child_restarts_total', 'Processes started again after an end that nobody asked for.', () =>
      restarts(role),
    ),
  ];
  return labelled(metrics, { process: role });
}
