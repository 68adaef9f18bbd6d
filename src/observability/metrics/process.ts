import { VERSION } from '../../lib/version.ts';
import { Histogram } from './histogram.ts';
import { counter, gauge, labelled, type Metric } from './metric.ts';

export interface ProcessMetrics {
  readonly metrics: readonly Metric[];
  close(): void;
}

const LAG_INTERVAL_MS = 100;
const LAG_BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** What is to be known of any process of hop. Lag is the time by which a timer came late: who waits for the event loop waits as long. */
export function processMetrics(role: string): ProcessMetrics {
  const lag = new Histogram(LAG_BOUNDS_S);
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    lag.observe(Math.max(0, nowMs - lastMs - LAG_INTERVAL_MS) / 1000);
    lastMs = nowMs;
  }, LAG_INTERVAL_MS);
  timer.unref();
  const metrics = [
    gauge('hop_processes', 'Running processes.', () => 1),
    gauge('hop_process_resident_memory_bytes', 'Memory in use (RSS).', () => process.memoryUsage.rss()),
    counter('hop_process_cpu_seconds_total', 'CPU time spent.', cpuSeconds),
    lag.metric('hop_event_loop_lag_seconds', 'Time by which timers come late.'),
  ];
  return { metrics: labelled(metrics, { process: role }), close: () => clearInterval(timer) };
}

/** Always 1; the labels say what runs. */
export const buildInfo: Metric = () => ({
  ...gauge('hop_build_info', 'Version of hop and of what it runs on.', () => 1, { aggregation: 'max' })(),
  samples: [{ labels: { version: VERSION, bun: Bun.version }, value: 1, suffix: '' }],
});

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
