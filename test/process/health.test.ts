import { afterAll, describe, expect, test } from 'bun:test';
import { Hops } from '../support/hop-process.ts';

const hops = new Hops();
afterAll(() => hops[Symbol.asyncDispose]());

/** A server that answers every request with this status; disposed of, it is gone. */
function answering(status: number) {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response(null, { status }) });
  return { port: String(server.port), [Symbol.dispose]: () => void server.stop(true) };
}

function health(args: readonly string[], variables: Record<string, string> = {}) {
  return hops.start(['health', ...args], variables).ended();
}

describe.concurrent('hop health', () => {
  test('takes any answer for a sign of life, also that the database is away', async () => {
    for (const status of [204, 404, 503]) {
      using server = answering(status);
      expect(await health([`--url=http://127.0.0.1:${server.port}`])).toEqual({
        code: 0,
        stdout: `hop is alive at http://127.0.0.1:${server.port}\n`,
        stderr: '',
      });
    }
  });

  test.each(['127.0.0.1', '0.0.0.0', 'localhost'])(
    'asks at the HOST and PORT that hop listens on: %s',
    async (HOST) => {
      using server = answering(204);
      expect(await health([], { HOST, PORT: server.port })).toMatchObject({ code: 0 });
    },
  );

  test('needs no other setting, and asks no proxy', async () => {
    using server = answering(204);
    const proxy = 'http://127.0.0.1:1';
    const variables = { PORT: server.port, LOG_LEVEL: 'loud', HTTP_PROXY: proxy, http_proxy: proxy };
    expect(await health([], variables)).toMatchObject({ code: 0 });
  });

  test('ends with 1 when nobody listens', async () => {
    expect(await health([], { PORT: '1' })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'hop health: hop at http://127.0.0.1:1 does not answer\n',
    });
  });

  test('ends with 1 after 2 s when a listener says nothing', async () => {
    using silent = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
    const { code, stderr } = await health([`--url=http://127.0.0.1:${silent.port}`]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('does not answer within 2 s') });
  });

  test('says what is wrong with an address', async () => {
    expect(await health(['--url=https://127.0.0.1'])).toMatchObject({ code: 2 });
    expect(await health([], { PORT: '0' })).toMatchObject({ code: 1, stderr: expect.stringContaining('--url') });
    expect(await health([], { PORT: 'x' })).toMatchObject({ code: 78, stderr: expect.stringContaining('PORT is "x"') });
  });
});
