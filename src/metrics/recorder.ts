import { counter, gauge, type Metric } from '../observability/metrics/metric.ts';
import type { RunningRecorder } from '../recorder.ts';
import { databaseMetrics } from './database.ts';

/** What the recorder tells of itself. */
export function recorderMetrics({
  counters,
  database,
  lagS,
  lagBytes,
}: Pick<RunningRecorder, 'counters' | 'database' | 'lagS' | 'lagBytes'>): Metric[] {
  return [
    counter('hop_recorder_visits_total', 'Visits stored in the database.', () => counters.visits),
    counter('hop_recorder_batches_total', 'Calls that stored them.', () => counters.batches),
    counter(
      'hop_recorder_failures_total',
      'Calls of the database and readings of journals that failed.',
      () => counters.failures,
    ),
    counter('hop_recorder_rejected_total', 'Visits that the database refused.', () => counters.rejected),
    counter('hop_recorder_gaps_total', 'Missing parts of journals.', () => counters.gaps),
    counter(
      'hop_recorder_lost_frames_total',
      'Frames in these, each of up to some milliseconds of visits.',
      () => counters.lostFrames,
    ),
    gauge(
      'hop_recorder_lag_seconds',
      'Time since everything in the journals had been stored or was on its way.',
      lagS,
      {
        aggregation: 'max',
      },
    ),
    gauge('hop_recorder_lag_bytes', 'What waits in the journals.', lagBytes),
    ...databaseMetrics(database),
  ];
}
