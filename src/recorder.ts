import { join } from 'node:path';
import type { Config } from './config.ts';
import { Database } from './db/database.ts';
import { slownessOf } from './db/failures.ts';
import { type ExclusiveLock, tryLock } from './lib/lifecycle/exclusive-lock.ts';
import type { Logger } from './observability/log.ts';
import { databaseSettings, recorderSettings } from './settings.ts';
import { keepPartitions } from './visits/partition-upkeep.ts';
import { createClassifier } from './visits/recorder/classify.ts';
import type { RecorderCounters } from './visits/recorder/counters.ts';
import { openLocations } from './visits/recorder/locations.ts';
import { Recorder, type RecorderOptions } from './visits/recorder/recorder.ts';
import { createVisitStore, isRefusal } from './visits/store.ts';

export interface StartRecorderOptions extends Pick<RecorderOptions, 'afterApply' | 'beforeUnlink'> {
  readonly config: Config;
  readonly log: Logger;
  readonly databaseUrl: string;
}

export interface RunningRecorder {
  readonly database: Database;
  readonly counters: Readonly<RecorderCounters>;
  /** What waits in the journals. */
  lagBytes(): number;
  /** Seconds since nothing more was waiting in the journals. */
  lagS(): number;
  /**
   * Ends within about `withinMs`; with `drain` not before everything that is there has been stored, if the database
   * lets us. What is not stored waits in the journals.
   */
  stop(options: { readonly drain: boolean; readonly withinMs: number }): Promise<void>;
}

const LOCK_RETRY_MS = 500;

/**
 * Records the visits of a DATA_DIR; waits while another recorder does, or while the database or its schema is not
 * there.
 * @throws when GEOIP_DATABASE cannot be read
 */
export function startRecorder({ config, log, databaseUrl, ...hooks }: StartRecorderOptions): RunningRecorder {
  const { directory, keepMs, maxBytes, geoipFile, retentionDays } = recorderSettings(config);
  const classify = createClassifier(openLocations(geoipFile));
  const database = new Database({ ...databaseSettings(config), url: databaseUrl, log });
  const store = createVisitStore(database);
  const told = { isRefusal, slownessOf };
  const recorder = new Recorder({ directory, keepMs, maxBytes, store, classify, log, ...told, ...hooks });
  const turn = waitForTurn(join(directory, 'recorder.lock'), log);
  const started = turn.lock.then((lock) => lock !== undefined && recorder.start());
  const partitions = keepPartitions({ database, log, retentionDays });
  return {
    database,
    counters: recorder.counters,
    lagBytes: () => recorder.lagBytes,
    lagS: () => recorder.lagS,
    async stop(options) {
      turn.giveUp();
      partitions.stop();
      await started;
      await recorder.stop(options);
      (await turn.lock)?.release();
      await database.close();
    },
  };
}

/** Two recorders store nothing twice, but would do all work twice: the second waits for the first to end. */
function waitForTurn(file: string, log: Logger) {
  const { promise: gaveUp, resolve: giveUp } = Promise.withResolvers<'gave up'>();
  const take = async (): Promise<ExclusiveLock | undefined> => {
    for (let isFirst = true; ; isFirst = false) {
      const lock = tryLock(file, { patienceMs: 0 });
      if (lock !== undefined) return lock;
      if (isFirst) log.warn('another recorder works on this DATA_DIR: waiting until it ends', { file });
      if ((await Promise.race([gaveUp, Bun.sleep(LOCK_RETRY_MS)])) === 'gave up') return undefined;
    }
  };
  return { lock: take(), giveUp: () => giveUp('gave up') };
}
