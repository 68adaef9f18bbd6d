import { loadConfig, processEnvironment } from '../config.ts';
import { recorderMetrics } from '../metrics/recorder.ts';
import { createProcessLogger } from '../observability/log.ts';
import { snapshotOf } from '../observability/metrics/metric.ts';
import { processMetrics } from '../observability/metrics/process.ts';
import { startRecorder } from '../recorder.ts';
import { Parent } from '../supervisor/parent.ts';
import { defineCommand } from './command.ts';

export const command = defineCommand({
  summary: 'Bring visits from the journals of DATA_DIR to the database: hop serve starts it',
  usage: '[--embedded]',
  flags: {
    embedded: { type: 'boolean', description: 'DATABASE_URL is that of an embedded database: its defaults apply' },
  },
  async run({ flags: { embedded = false } }) {
    const environment = processEnvironment();
    const { DATABASE_URL } = environment;
    const config = loadConfig(environment, { embedded, ...(embedded && { overrides: { DATABASE_URL } }) });
    const log = createProcessLogger(config.LOG_LEVEL, 'recorder');
    const drainLimits = { delayMs: 0, withinMs: config.DRAIN_TIMEOUT };
    const parent = new Parent({ log, drainLimits, isDeaf: true, beginsToDrain: true });
    await parent.begun;
    const recorder = startRecorder({ config, log, databaseUrl: config.DATABASE_URL ?? '' });
    const { database, stop } = recorder;
    const metrics = [...recorderMetrics(recorder), ...processMetrics('recorder').metrics];
    parent.started({
      drain: ({ withinMs }) => stop({ drain: true, withinMs }),
      isDatabaseUp: () => database.isUp,
      metrics: () => snapshotOf(metrics),
    });
    database.onUp(() => parent.ready());
    return new Promise<number>(() => {}); // ended by its supervisor or a signal
  },
});
