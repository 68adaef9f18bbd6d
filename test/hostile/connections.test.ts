import { afterAll, beforeAll, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { startApp, type TestApp } from '../support/app.ts';
import { exchange, lines } from '../support/http.ts';
import { createKey } from '../support/rest.ts';

const MAX_BYTES = 64 * 1024;

let app: TestApp;
let key: string;
beforeAll(async () => {
  app = await startApp({ BODY_MAX_BYTES: '64KiB' });
  key = await createKey(app);
  for (const slug of ['a', 'b', 'c']) {
    await app.create({ customSlug: slug, longUrl: `https://example.com/${slug}` });
    await app.request(`/${slug}`);
  }
});
afterAll(() => app.stop());

function get(path: string, ...more: string[]): string {
  return `GET ${path} HTTP/1.1\r\n${['Host: localhost', ...more].join('\r\n')}\r\n\r\n`;
}

test('hits that are pipelined are all answered, in order', async () => {
  const paths = Array.from({ length: 200 }, (_, at) => `/${'abc'.charAt(at % 3)}`);
  const answers = await exchange(app.port, paths.map((path) => get(path)).join('') + get('/a', 'Connection: close'));
  expect(answers.map(({ headers }) => headers.location)).toEqual(
    [...paths, '/a'].map((path) => `https://example.com${path}`),
  );
});

test('what is answered at once is answered in order among them', async () => {
  const answers = await exchange(
    app.port,
    get('/a') + get('/no/such/page') + get('/b') + get('/c', 'Connection: close'),
  );
  expect(answers.map(({ status }) => status)).toEqual([302, 404, 302, 302]);
});

test('what is pipelined behind a miss ends the connection, and nothing is answered out of turn', async () => {
  // Bun 1.4.5 cannot keep a second request while an asynchronous answer is pending (oven-sh/bun#38128).
  const answers = await exchange(app.port, get('/a') + get('/unknown') + get('/b') + get('/c', 'Connection: close'));
  expect(answers[0]?.headers.location).toBe('https://example.com/a');
  expect(answers.slice(1).map(({ status }) => status)).toBeOneOf([[], [404, 302, 302]]);
  expect((await exchange(app.port, get('/b', 'Connection: close')))[0]?.status).toBe(302);
});

const ROUTES = ['POST /', 'POST /rest/v3/short-urls', 'PATCH /rest/v3/short-urls/a', 'DELETE /rest/v3/short-urls/none'];

test('a body that is too large is refused once it is, announced or not', async () => {
  for (const route of ROUTES) {
    for (const isChunked of [false, true]) {
      const bytes = MAX_BYTES + 1;
      const content = 'x'.repeat(bytes);
      const length = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes}`;
      const body = isChunked ? `${bytes.toString(16)}\r\n${content}\r\n0\r\n\r\n` : content;
      const head = lines(['Host: localhost', `X-Api-Key: ${key}`, 'Content-Type: application/json', length]);
      const answers = await exchange(app.port, `${route} HTTP/1.1\r\n${head}${body}`);
      expect([route, isChunked, answers.map(({ status }) => status)]).toEqual([route, isChunked, [413]]);
    }
  }
});

test('a length that nobody could send is refused before it is waited for', async () => {
  for (const bytes of ['4000000000', '9007199254740993', '18446744073709551615', '99999999999999999999999']) {
    const head = `Host: localhost\r\nContent-Length: ${bytes}\r\n\r\n`;
    const answers = await exchange(app.port, `POST / HTTP/1.1\r\n${head}{}`);
    expect(answers).toMatchObject([{ status: bytes.length < 17 ? 413 : 400, headers: { connection: 'close' } }]);
  }
});

test('a body that comes byte by byte holds nobody up, and is read', async () => {
  const body = '{"url":"https://example.com/slow"}';
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(app.port, '127.0.0.1');
  let received = '';
  socket.on('data', (data) => (received += data)).on('close', () => resolve(received));
  socket.write(`POST / HTTP/1.1\r\n${lines(['Host: localhost', `Content-Length: ${body.length}`])}`);
  for (const byte of body) {
    socket.write(byte);
    expect((await app.request('/a')).status).toBe(302);
  }
  expect(await promise).toStartWith('HTTP/1.1 201');
});

test('a client that goes away in the middle of a body or a head is no error of ours', async () => {
  const half = [
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{"url":',
    'POST / HTTP/1.1\r\nHost: lo',
  ];
  for (const text of [...half, half[0]?.replace('Content-Length: 50', 'Transfer-Encoding: chunked') ?? '']) {
    const socket = connect(app.port, '127.0.0.1');
    socket.on('error', () => {});
    await new Promise<void>((resolve) => socket.write(text, () => resolve()));
    await app.request('/a');
    socket.resetAndDestroy();
  }
  expect((await app.request('/a')).status).toBe(302);
  expect(app.errors).toEqual([]);
});
