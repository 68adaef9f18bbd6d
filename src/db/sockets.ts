import { Socket } from 'node:net';

/** The part of the driver's resolved options that says where to connect. */
interface Address {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path: string | false;
}

/** A connection that ends sooner than this never worked. */
const SHORT_LIFE_MS = 500;
const MAX_DELAY_MS = 400;

/** Tells its end whoever removes its listeners: the driver removes them all when it puts TLS on top. */
class WatchedSocket extends Socket {
  constructor(private readonly onEnd: () => void) {
    super();
    // A unix socket that is not there fails before the driver listens; nobody listening would make that uncaught. The
    // driver sees the end and tries again, as after any failure.
    this.on('error', () => {});
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    super._destroy(error, (reason) => {
      callback(reason);
      // After the socket's own `error` and `close`, which say more.
      process.nextTick(this.onEnd);
    });
  }
}

export interface Sockets {
  /** The driver's `socket` option. */
  readonly open: (address: Address) => Promise<Socket>;
  /** Ends every socket at once: the driver only says goodbye, which a dead peer never answers. */
  destroy(): void;
}

/**
 * The sockets of one pool, made by us rather than by the driver, for two reasons: only so can a pool whose server no
 * longer answers be given up for good, and only so can attempts be paced (a server that accepts and closes during
 * start-up sends the driver into a hot reconnect loop, porsager/postgres#1193).
 */
export function createSockets(onClose: () => void = () => {}): Sockets {
  const living = new Set<Socket>();
  let shortLives = 0;
  let notBeforeMs = 0;
  let destroyed = false;

  const openSocket = () => {
    const openedAtMs = performance.now();
    const socket = new WatchedSocket(() => {
      living.delete(socket);
      const nowMs = performance.now();
      shortLives = nowMs - openedAtMs < SHORT_LIFE_MS ? shortLives + 1 : 0;
      notBeforeMs = nowMs + (shortLives === 0 ? 0 : Math.min(MAX_DELAY_MS, 10 * 2 ** Math.min(shortLives, 10)));
      onClose();
    });
    living.add(socket);
    return socket;
  };

  return {
    async open(address) {
      const delayMs = notBeforeMs - performance.now();
      if (delayMs > 0 && !destroyed) await Bun.sleep(delayMs);
      // Returned while still connecting: the driver attaches its handlers first, and its start-up message waits in the
      // socket. A rejection here instead would lose the connection from the driver's pool.
      const socket = connect(openSocket(), address);
      if (destroyed) socket.destroy();
      return socket;
    },
    destroy() {
      destroyed = true;
      for (const socket of living) socket.destroy();
    },
  };
}

function connect(socket: Socket, { host, port, path }: Address): Socket {
  if (path !== false) return socket.connect(path);
  const [name = 'localhost', number = 5432] = [host[0], port[0]];
  socket.setNoDelay(true);
  // `secure` in the driver reads these for the certificate's name.
  return Object.assign(socket.connect(number, name), { host: name, port: number });
}
