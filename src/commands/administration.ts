import type { Config } from '../config.ts';
import type { Logger } from '../observability/log.ts';
import { startAdmin } from '../supervisor/admin.ts';
import { FleetMetrics } from '../supervisor/metrics.ts';
import { readiness } from '../supervisor/readiness.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { listenForAdmin } from './listen-errors.ts';

/**
 * Answers those who run hop on a port of its own, from before the first process is started until the last has ended.
 * @throws CommandError when the port cannot be had
 */
export function administer(config: Config, supervisor: Supervisor, log: Logger): AsyncDisposable {
  const metrics = new FleetMetrics({
    children: (role) => supervisor.children(role),
    restarts: (role) => supervisor.restarts(role),
  });
  const { ADMIN_HOST: hostname, ADMIN_PORT: port } = config;
  const admin = listenForAdmin(config, () =>
    startAdmin({
      hostname,
      port,
      metrics: () => metrics.text(),
      readiness: () => readiness(supervisor.children('web'), supervisor.isStopping),
      log,
    }),
  );
  log.info('metrics and health can be asked for', { host: hostname, port: admin.port });
  return {
    async [Symbol.asyncDispose]() {
      metrics.close();
      await admin.stop();
    },
  };
}
