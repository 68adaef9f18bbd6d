import { afterAll, beforeAll, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { until } from '../process/fixtures/programs.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { exchange, lines, type RawAnswer } from '../support/http.ts';

const MAX_BYTES = 65_536;

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ BODY_MAX_BYTES: `${MAX_BYTES}` });
});
afterAll(() => app.stop());

function bodyOf(bytes: number): string {
  return '{"url":"example.com"}'.padEnd(bytes, ' ');
}

/** `POST /` with the length told in advance, or in chunks. */
async function post(body: string, framing: 'length' | 'chunks'): Promise<RawAnswer | undefined> {
  const isLength = framing === 'length';
  const field = isLength ? `Content-Length: ${body.length}` : 'Transfer-Encoding: chunked';
  const content = isLength ? body : `${(body.match(/.{1,10000}/g) ?? []).map(toChunk).join('')}0\r\n\r\n`;
  const [answer] = await exchange(app.port, `POST / HTTP/1.1\r\n${lines(['Host: localhost', field])}${content}`);
  return answer;
}

function toChunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

test.each(['length', 'chunks'] as const)('a body is as long as allowed, not a byte longer (%s)', async (framing) => {
  expect(await post(bodyOf(MAX_BYTES), framing)).toMatchObject({ status: 201 });
  for (const bytes of [MAX_BYTES + 1, 3 * MAX_BYTES]) {
    const answer = await post(bodyOf(bytes), framing);
    expect(answer).toMatchObject({ status: 413, headers: { 'content-type': expect.stringContaining('json') } });
    expect(JSON.parse(answer?.body ?? '')).toEqual({
      status: 'error',
      message: { request: `The request body is larger than ${MAX_BYTES} bytes: send less.` },
    });
  }
});

test.each(['length', 'chunks'] as const)('an endless body is refused (%s)', async (framing) => {
  expect(await post(bodyOf(40 * MAX_BYTES), framing)).toMatchObject({ status: 413 });
});

test.each(['length', 'chunks'] as const)(
  'a body that nobody reads is not taken for a request (%s)',
  async (framing) => {
    const path = await app.create();
    const smuggled = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const field = framing === 'length' ? `Content-Length: ${smuggled.length}` : 'Transfer-Encoding: chunked';
    const content = framing === 'length' ? smuggled : `${toChunk(smuggled)}0\r\n\r\n`;
    const last = `GET /a/b HTTP/1.1\r\n${lines(['Host: localhost'])}`;
    for (const [target, status] of [
      ['/abc', 405],
      ['/a/b', 404],
    ] as const) {
      const first = `POST ${target} HTTP/1.1\r\nHost: localhost\r\n${field}\r\n\r\n`;
      const answers = await exchange(app.port, first + content + last);
      expect(answers.map((answer) => answer.status)).toEqual([status, 404]);
    }
  },
);

test('a request behind a body that is too large is answered, or the connection ends', async () => {
  const content = bodyOf(2 * MAX_BYTES);
  const first = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${content.length}\r\n\r\n`;
  const [refused, ...more] = await exchange(
    app.port,
    `${first}${content}GET /a/b HTTP/1.1\r\n${lines(['Host: localhost'])}`,
  );
  expect(refused?.status).toBe(413);
  expect([[], [404]]).toContainEqual(more.map((answer) => answer.status));
});

test('a client that goes away within its body leaves no error behind', async () => {
  const heads = ['Content-Length: 1000\r\n\r\n{"url"', 'Transfer-Encoding: chunked\r\n\r\n5\r\n{"url'];
  for (const head of heads) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = connect(app.port, '127.0.0.1', () => {
      socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\n${head}`, () => setTimeout(() => socket.destroy(), 20));
    });
    socket.on('close', () => resolve());
    await promise;
  }
  await until(() => app.server.pendingRequests === 0);
  expect(app.errors).toEqual([]);
});
