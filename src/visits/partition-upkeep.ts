import type { Database } from '../db/database.ts';
import { maintainPartitions, type PartitionOptions } from './partitions.ts';

/** Far more often than months begin: a recorder that starts is not the only one that ever looks. */
const INTERVAL_MS = 3_600_000;
/** After what could not be done, and until there is a database with a schema. */
const RETRY_MS = 30_000;

/** Looks after the partitions of visits from now on, as soon as the database is there. */
export function keepPartitions(options: Omit<PartitionOptions, 'nowMs' | 'signal'>): { stop(): void } {
  const { database } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopping = new AbortController();
  const { signal } = stopping;
  const upkeep = async () => {
    const isDone = (await hasSchema(database)) && (await maintainPartitions({ ...options, signal }));
    if (!signal.aborted) timer = setTimeout(upkeep, isDone ? INTERVAL_MS : RETRY_MS);
  };
  void upkeep();
  return {
    stop() {
      stopping.abort();
      clearTimeout(timer);
    },
  };
}

/** Quietly false until then: those who need it say so. */
async function hasSchema(database: Database): Promise<boolean> {
  try {
    const [row] = await database.run(
      'reports',
      (sql) => sql<{ found: boolean }[]>`select to_regclass('orphan_visits') is not null as found`,
      { retry: true },
    );
    return row?.found ?? false;
  } catch {
    return false;
  }
}
