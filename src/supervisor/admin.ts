import type { Logger } from '../observability/log.ts';
import { METRICS_TYPE } from '../observability/metrics/text.ts';
import type { Readiness } from './readiness.ts';

export interface AdminOptions {
  readonly hostname: string;
  /** 0: any free one. */
  readonly port: number;
  readonly metrics: () => Promise<string>;
  readonly readiness: () => Readiness;
  readonly log: Logger;
}

export interface Admin {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Listens for those who run hop: metrics and health, which are nobody else's business. Neither of the two health checks
 * asks the database: restarting hop would not bring it back, and known links redirect without it.
 * @throws what the system says when the port cannot be had: `EADDRINUSE`, `EACCES`
 */
export function startAdmin({ hostname, port, metrics, readiness, log }: AdminOptions): Admin {
  const server = Bun.serve({
    hostname,
    port,
    reusePort: false,
    development: false,
    routes: {
      '/metrics': { GET: async () => text(await metrics()) },
      '/health/live': { GET: () => Response.json({ status: 'alive' }, UNCACHED) },
      '/health/ready': { GET: () => ready(readiness()) },
    },
    fetch: () => Response.json({ paths: ['/metrics', '/health/live', '/health/ready'] }, { status: 404 }),
    error(error) {
      log.error('an administrative request failed', { error });
      return new Response(null, { status: 500 });
    },
  });
  return { port: server.port ?? port, stop: () => server.stop(true) };
}

const UNCACHED = { headers: { 'cache-control': 'no-store' } };

function text(metrics: string): Response {
  return new Response(metrics, { headers: { ...UNCACHED.headers, 'content-type': METRICS_TYPE } });
}

function ready({ isReady, reasons }: Readiness): Response {
  const body = isReady ? { status: 'ready' } : { status: 'not ready', reasons };
  return Response.json(body, { ...UNCACHED, status: isReady ? 200 : 503 });
}
