import { connect } from 'node:net';
import type { Config } from '../config.ts';
import { codeOf } from '../db/failures.ts';

/** Processes of a supervisor that was killed take leave of their clients for a moment. */
const LEAVING_MS = 2_000;
const RETRY_MS = 50;

/**
 * Makes sure that nobody else has the port: processes that share a port would share it with a stranger's as well,
 * without a word, and each would get a part of the requests. Nor the unix sockets: a new listener takes their names
 * over, which is meant for our own processes, and the other hop would never hear of it.
 * @throws what the system says: `EADDRINUSE`, `EACCES`
 */
export async function requireFreePort(config: ListenSettings): Promise<void> {
  const deadline = performance.now() + LEAVING_MS;
  for (;;) {
    try {
      return await probe(config);
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' || performance.now() > deadline) throw error;
      await Bun.sleep(RETRY_MS);
    }
  }
}

type ListenSettings = Pick<Config, 'HOST' | 'PORT' | 'LISTEN' | 'WEB_CONCURRENCY'>;

async function probe({ HOST: hostname, PORT: port, LISTEN, WEB_CONCURRENCY }: ListenSettings): Promise<void> {
  if (LISTEN !== undefined) {
    for (let index = 1; index <= WEB_CONCURRENCY; index++) await probeSocket(`${LISTEN}.${index}`);
  } else if (port !== 0) {
    const fetch = () => new Response(null, { status: 503 });
    void Bun.serve({ hostname, port, reusePort: false, fetch }).stop(true);
  }
}

/** What a killed hop has left behind answers nobody, and is replaced. */
async function probeSocket(path: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path, () => resolve(true)).on('error', () => resolve(false));
  const isTaken = await promise;
  socket.destroy();
  if (isTaken) throw Object.assign(new Error(`another program listens on ${path}`), { code: 'EADDRINUSE' });
}
