/** Many connections that do next to nothing, from this process. */
export class Crowd implements Disposable {
  readonly #sockets = new Set<Bun.Socket>();
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  /** Connections that the server has closed. */
  closed = 0;

  get open(): number {
    return this.#sockets.size;
  }

  /** Connections that ask once for `path`, take the answer, and stay. Resolves when all have it. */
  async idle(port: number, count: number, path: string): Promise<void> {
    for (let made = 0; made < count; made += CHUNK) {
      const some = Array.from({ length: Math.min(CHUNK, count - made) }, () => this.#askOnce(port, path));
      await Promise.all(some);
    }
  }

  /** Connections that send `begun` at once, and from then on a byte of `text` each second. */
  async slowWriters(port: number, count: number, begun: string, text: string): Promise<void> {
    const sockets = await Promise.all(Array.from({ length: count }, () => this.#connect(port, () => {})));
    for (const socket of sockets) socket.write(begun);
    let at = 0;
    const timer = setInterval(() => {
      const byte = text[at++ % text.length] ?? '';
      for (const socket of sockets) if (this.#sockets.has(socket)) socket.write(byte);
    }, 1_000);
    this.#timers.push(timer);
  }

  /** Connections that ask for something large and take a little of it each second. */
  async slowReaders(port: number, count: number, path: string): Promise<void> {
    const sockets = await Promise.all(
      Array.from({ length: count }, () => this.#connect(port, (socket) => socket.pause())),
    );
    for (const socket of sockets) socket.write(`GET ${path} HTTP/1.1\r\nHost: s.example\r\n\r\n`);
    this.#timers.push(setInterval(() => sockets.forEach((socket) => void socket.resume()), 1_000));
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const socket of this.#sockets) socket.terminate();
  }

  async #askOnce(port: number, path: string): Promise<void> {
    const { promise: answered, resolve } = Promise.withResolvers<void>();
    const socket = await this.#connect(port, () => resolve());
    socket.write(`GET ${path} HTTP/1.1\r\nHost: s.example\r\n\r\n`);
    await answered;
  }

  #connect(port: number, onData: (socket: Bun.Socket) => void): Promise<Bun.Socket> {
    return Bun.connect({
      hostname: '127.0.0.1',
      port,
      socket: {
        open: (socket) => void this.#sockets.add(socket),
        data: onData,
        close: (socket) => {
          this.closed++;
          this.#sockets.delete(socket);
        },
        error: () => {},
      },
    });
  }
}

/** Connections that are made at once: less than what waits in the queue of a listener. */
const CHUNK = 200;
