/** What a recorder has done since its start, for metrics. */
export interface RecorderCounters {
  visits: number;
  batches: number;
  /** Calls of the database that failed, and readings of journals. */
  failures: number;
  gaps: number;
  /** Sequences in these gaps. */
  lostFrames: number;
  rejected: number;
  /** By the writers, for want of room. */
  dropped: number;
  droppedOrphans: number;
}

export function newCounters(): RecorderCounters {
  return {
    visits: 0,
    batches: 0,
    failures: 0,
    gaps: 0,
    lostFrames: 0,
    rejected: 0,
    dropped: 0,
    droppedOrphans: 0,
  };
}
