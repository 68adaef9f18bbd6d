import { loadConfig, processEnvironment } from '../config.ts';
import { Database } from '../db/database.ts';
import { createProcessLogger } from '../observability/log.ts';
import { snapshotOf } from '../observability/metrics/metric.ts';
import { processMetrics } from '../observability/metrics/process.ts';
import { databaseSettings } from '../settings.ts';
import { Parent, type Work } from '../supervisor/parent.ts';
import { defineCommand, EXIT } from './command.ts';
import { listenOrExplain } from './listen-errors.ts';

export const command = defineCommand({
  summary: 'One web process: hop serve starts these',
  usage: '[--embedded] [--index=N]',
  flags: {
    embedded: { type: 'boolean', description: 'DATABASE_URL is that of an embedded database: its defaults apply' },
    index: { type: 'string', description: 'Which of those that share the port, from 1' },
  },
  async run({ flags: { embedded = false, index } }) {
    const environment = processEnvironment();
    const { DATABASE_URL } = environment;
    const config = loadConfig(environment, { embedded, ...(embedded && { overrides: { DATABASE_URL } }) });
    const log = createProcessLogger(config.LOG_LEVEL, 'web');
    const drainLimits = { delayMs: config.DRAIN_DELAY, withinMs: config.DRAIN_DELAY + config.DRAIN_TIMEOUT };
    // Without an index it shares the port with nobody, and listens before it is ready.
    const isAlone = index === undefined;
    const parent = new Parent({ log, drainLimits, beginsToDrain: isAlone });
    await parent.begun;
    const databaseUrl = config.DATABASE_URL ?? '';
    // PostgreSQL takes 9 ms to make a connection, in which the rest of the program is loaded and set up (listening after
    // 69 ms instead of 75); the driver needs a turn to open its socket and another to say who we are.
    const connecting = new Database({ ...databaseSettings(config), url: databaseUrl, log });
    const [{ startWebWhenReady }, { webMetrics }] = await Promise.all([
      import('../web.ts'),
      import('../metrics/web.ts'),
    ]);
    await Bun.sleep(2);
    const web = await listenOrExplain(config, () =>
      startWebWhenReady(
        {
          config,
          log,
          databaseUrl,
          index: isAlone ? undefined : Number(index),
          alone: isAlone ? Promise.resolve() : parent.alone,
          onFatal: (error) => parent.fail(error, EXIT.failure),
        },
        connecting,
      ),
    );
    const { database, ready } = web.services;
    const metrics = [...webMetrics(web), ...processMetrics('web').metrics];
    const work: Work = {
      drain: (limits) => web.drain(limits),
      isDatabaseUp: () => database.isUp,
      metrics: () => snapshotOf(metrics),
    };
    parent.started(work, web.server.port);
    ready.then(() => parent.ready());
    return new Promise<number>(() => {}); // ended by its supervisor or a signal
  },
});
