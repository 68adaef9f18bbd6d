import { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from './start.ts';

export interface KeptPostgres {
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/** Between two starts of a server that keeps ending. */
const RESTART_DELAY_MS = 500;

/**
 * An embedded server that is started again when it ends by itself (killed, out of memory): the address stays the same,
 * so that whoever uses it only sees an outage. The first start rejects as `startEmbedded` does; later ones are tried on.
 */
export async function keepEmbedded(options: EmbeddedOptions): Promise<KeptPostgres> {
  let isStopping = false;
  let server: EmbeddedPostgres = await startEmbedded(options);
  const watching = watch();

  async function watch(): Promise<void> {
    while (!isStopping) {
      const exitCode = await server.exited;
      if (isStopping) return;
      options.log.error('the embedded database has ended; starting it again', { exitCode });
      await server.stop();
      await restart();
    }
  }

  async function restart(): Promise<void> {
    while (!isStopping) {
      try {
        server = await startEmbedded({ ...options, onProgress: () => {} });
        return;
      } catch (error) {
        options.log.error('the embedded database does not start', { error });
        await Bun.sleep(RESTART_DELAY_MS);
      }
    }
  }

  return {
    databaseUrl: server.databaseUrl,
    async stop() {
      isStopping = true;
      await server.stop();
      await watching;
      await server.stop();
    },
  };
}
