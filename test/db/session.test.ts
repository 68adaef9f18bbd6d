import { describe, expect, test } from 'bun:test';
import { createServer, type Server, type Socket } from 'node:net';
import { openSession } from '../../src/db/session.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { rejection } from '../support/rejection.ts';

describe('a session is refused in time by', () => {
  test('a port where nobody listens', async () => {
    const server = await listen(() => {});
    await new Promise((resolve) => server.close(resolve));
    await expectRefusal(server.url);
  });

  test('a server that accepts and says nothing', async () => {
    await using server = await listen(() => {});
    await expectRefusal(server.url);
  });

  test('a server that closes every connection at once', async () => {
    let connections = 0;
    await using server = await listen((socket) => {
      connections++;
      socket.destroy();
    });
    await expectRefusal(server.url);
    const before = connections;
    await Bun.sleep(200);
    expect(connections - before).toBeLessThanOrEqual(1); // nobody goes on trying
  });

  test('a server that resets every connection', async () => {
    await using server = await listen((socket) => socket.resetAndDestroy());
    await expectRefusal(server.url);
  });
});

test('a statement that the server does not answer is given up', async () => {
  const database = await createEmptyDatabase();
  const session = await openSession(database.url, { timeoutMs: 100 });
  expect((await rejection(session.run('select pg_sleep(30)'))).message).toContain(
    'no answer from the database within 100 ms',
  );
  await session.close();
  await database.drop();
});

async function expectRefusal(url: string): Promise<void> {
  const startedAt = performance.now();
  expect(await rejection(openSession(url, { timeoutMs: 500, connectTimeoutMs: 500 }))).toBeInstanceOf(Error);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
}

/** A server that is no PostgreSQL, on loopback. */
async function listen(onConnection: (socket: Socket) => void): Promise<Server & { readonly url: string }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(server, { url: `postgres://x@127.0.0.1:${port}/x`, [Symbol.asyncDispose]: close });
}
