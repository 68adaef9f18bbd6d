import type { Database } from '../db/database.ts';
import { counter, gauge, type Metric } from '../observability/metrics/metric.ts';

/** How a process gets on with the database. */
export function databaseMetrics(database: Database): Metric[] {
  const { counters } = database;
  const perPool = (read: (name: keyof typeof counters) => number) => () => ({
    lookups: read('lookups'),
    writes: read('writes'),
    reports: read('reports'),
  });
  return [
    gauge('hop_database_up', '1 if all processes reach the database.', () => Number(database.isUp), {
      aggregation: 'min',
    }),
    counter(
      'hop_database_statements_total',
      'Statements.',
      perPool((name) => counters[name].statements),
      'pool',
    ),
    counter(
      'hop_database_failures_total',
      'Statements that failed.',
      perPool((name) => counters[name].failures),
      'pool',
    ),
    counter(
      'hop_database_seconds_total',
      'Time that statements took, with their wait for a connection.',
      perPool((name) => counters[name].seconds),
      'pool',
    ),
    gauge(
      'hop_database_statements_pending',
      'Statements that are under way or wait for a connection.',
      perPool((name) => database.pending(name)),
      { label: 'pool' },
    ),
    gauge(
      'hop_database_statements_waiting',
      'Those of them that wait for a connection.',
      perPool((name) => database.waiting(name)),
      { label: 'pool' },
    ),
  ];
}
