import type { Logger } from '../observability/log.ts';
import { internalError, problem } from './problem.ts';

export interface ListenOptions {
  readonly hostname: string;
  /** 0: any free one. */
  readonly port: number;
  /** Whether other processes of this user may listen on the port too; the kernel shares its connections among them. */
  readonly isShared?: boolean;
  /** A socket file to listen on instead. */
  readonly unix?: string | undefined;
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Who reads a body refuses larger ones (`readText`); far larger ones are cut off before anybody is asked. */
  readonly maxBodyBytes: number;
  readonly log: Logger;
}

/** Idle keep-alive connections are closed after this. */
const IDLE_TIMEOUT_S = 60;

/** How far Bun's limit, whose 413 is empty, lies above ours: a connection may hold that much while its answer is made. */
const BODY_CUT_FACTOR = 4;

export type Server = Bun.Server<undefined>;

/** Listens. Throws what the system says when the port cannot be had (`EADDRINUSE`, `EACCES`). */
export function listen({ unix, hostname, port, isShared = false, fetch, maxBodyBytes, log }: ListenOptions): Server {
  const options = {
    fetch,
    development: false,
    maxRequestBodySize: BODY_CUT_FACTOR * maxBodyBytes,
    error(error: unknown) {
      log.error('request failed', { error });
      return problem(internalError(error));
    },
  };
  // Bun's types deny it for unix sockets, Bun heeds it.
  const idle: object = { idleTimeout: IDLE_TIMEOUT_S };
  if (unix !== undefined) return Bun.serve({ ...options, ...idle, unix });
  return Bun.serve({ ...options, ...idle, hostname, port, reusePort: isShared });
}
