import { type AddressInfo, createServer, connect as netConnect, type Server, type Socket } from 'node:net';
import { connectionOptions } from '../../src/db/connection.ts';

/**
 * What the proxy does with connections. `forward`: passes everything on. `swallow`: accepts, reads and says nothing, also
 * on connections that worked until then (a black hole). `close`: accepts and closes at once with FIN. `reset`: the same
 * with RST. `refuse`: nobody listens.
 */
export type ProxyMode = 'forward' | 'swallow' | 'close' | 'reset' | 'refuse';

/** Where a PostgreSQL listens. */
export type Upstream = { readonly path: string } | { readonly host: string; readonly port: number };

export interface FaultyProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections accepted so far. */
  readonly accepted: number;
  /** Connections open at the moment. */
  readonly open: number;
  /** Where new connections lead. */
  upstream: Upstream;
  /** Looks at what clients send, and says whether and how to end the connection in place of passing it on. */
  breakWhen: ((sent: string) => 'reset' | 'close' | false) | undefined;
  /** From now on; connections that exist are ended in the way of the mode, or swallowed. */
  become(mode: ProxyMode): Promise<void>;
  /** RST to every client, in the middle of whatever it does. */
  resetAll(): void;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket | undefined;
}

/** Where the server of a database URL listens. */
export function upstreamOf(databaseUrl: string): Upstream {
  const { host = 'localhost', port = 5432 } = connectionOptions(databaseUrl);
  if (typeof host !== 'string' || typeof port !== 'number') throw new Error('a proxy has one upstream');
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
}

/** A TCP proxy in front of a PostgreSQL that can fail in all the ways in which networks and servers do. */
export async function startProxy(upstream: Upstream): Promise<FaultyProxy> {
  const pairs = new Set<Pair>();
  let mode: ProxyMode = 'forward';
  let accepted = 0;
  const server = createServer({ noDelay: true }, (client) => {
    accepted++;
    client.on('error', () => {});
    if (mode === 'close') return void client.end();
    if (mode === 'reset') return void client.resetAndDestroy();
    const pair: Pair = { client, server: mode === 'forward' ? connectTo(proxy.upstream) : undefined };
    pairs.add(pair);
    client.on('close', () => pairs.delete(pair));
    join(pair);
  });

  function join({ client, server }: Pair): void {
    client.on('data', (data) => {
      if (mode === 'swallow') return;
      const broken = proxy.breakWhen?.(data.toString('latin1'));
      if (broken === 'reset') client.resetAndDestroy();
      else if (broken === 'close') client.end();
      else server?.write(data);
    });
    client.on('close', () => server?.destroy());
    server?.on('data', (data) => mode !== 'swallow' && client.write(data));
    server?.on('close', () => mode !== 'swallow' && client.end());
  }

  const proxy: FaultyProxy = {
    port: await listen(server, 0),
    get accepted() {
      return accepted;
    },
    get open() {
      return pairs.size;
    },
    upstream,
    breakWhen: undefined,
    async become(next) {
      const wasRefusing = mode === 'refuse';
      mode = next;
      if (next === 'refuse') server.close();
      if (wasRefusing && next !== 'refuse') await listen(server, proxy.port);
      if (next === 'close') for (const { client } of pairs) client.end();
      if (next === 'reset' || next === 'refuse') this.resetAll();
    },
    resetAll() {
      for (const { client } of pairs) client.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const { client } of pairs) client.destroy();
    },
  };
  return proxy;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function connectTo(upstream: Upstream): Socket {
  return netConnect(upstream).on('error', () => {});
}
