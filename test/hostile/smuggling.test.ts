import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { exchange } from '../support/http.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
  await app.create({ customSlug: 'hit', longUrl: 'https://example.com/hit' });
  await app.create({ customSlug: 'smuggled', longUrl: 'https://example.com/smuggled' });
  for (const path of ['/hit', '/smuggled']) await app.request(path);
});
afterAll(() => app.stop());

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
const BYTES = `Content-Length: ${SMUGGLED.length}`;
const CHUNKED = 'Transfer-Encoding: chunked';
/** A chunked body of `{}` as a server that heeds it reads it, and what a server that does not would take for a request. */
const LAST = `0\r\n\r\n${SMUGGLED}`;

/** Two readers could take these heads and bodies for different requests (RFC 9112, 11.2). */
const AMBIGUOUS: Readonly<Record<string, readonly [head: readonly string[], body: string]>> = {
  'CL.TE': [['Content-Length: 5', CHUNKED], LAST],
  'TE.CL': [[CHUNKED, 'Content-Length: 3'], LAST],
  'two Content-Length': [['Content-Length: 0', BYTES], SMUGGLED],
  'a list of Content-Length': [['Content-Length: 2, 2'], `{}${SMUGGLED}`],
  'Content-Length: +2': [['Content-Length: +2'], `{}${SMUGGLED}`],
  'Content-Length: -2': [['Content-Length: -2'], `{}${SMUGGLED}`],
  'Content-Length: 0x2': [['Content-Length: 0x2'], `{}${SMUGGLED}`],
  'Content-Length: 2 0': [['Content-Length: 2 0'], `{}${SMUGGLED}`],
  'an empty Content-Length': [['Content-Length: '], SMUGGLED],
  'Content-Length 2^64 + 2': [['Content-Length: 18446744073709551618'], `{}${SMUGGLED}`],
  'two Transfer-Encoding': [[CHUNKED, 'Transfer-Encoding: identity'], LAST],
  'Transfer-Encoding: chunked, identity': [['Transfer-Encoding: chunked, identity'], LAST],
  'Transfer-Encoding: gzip, chunked': [['Transfer-Encoding: gzip, chunked'], LAST],
  'Transfer-Encoding: xchunked': [['Transfer-Encoding: xchunked', 'Content-Length: 5'], LAST],
  'Transfer-Encoding: \\x0bchunked': [['Transfer-Encoding: \x0bchunked', 'Content-Length: 5'], LAST],
  'obs-fold': [['X-A: b', ` ${BYTES}`], SMUGGLED],
  'obs-fold of Transfer-Encoding': [['Transfer-Encoding:', ' chunked', 'Content-Length: 5'], LAST],
  'a blank before the colon': [[`Content-Length : ${SMUGGLED.length}`], SMUGGLED],
  'a blank before the colon of Transfer-Encoding': [['Transfer-Encoding : chunked', 'Content-Length: 5'], LAST],
  'a bare LF in a head': [[`X-A: b\n${BYTES}`], SMUGGLED],
  'a bare CR in a head': [[`X-A: b\r${BYTES}`], SMUGGLED],
  'NUL in a head': [[`X-A: b\0${BYTES}`], SMUGGLED],
  'a line without a colon': [['GET /smuggled HTTP/1.1'], ''],
  'a chunk of 2^64 + 2': [[CHUNKED], `10000000000000002\r\n{}\r\n${LAST}`],
  'a chunk of far too much': [[CHUNKED], `fffffffffffffffff\r\n{}\r\n${LAST}`],
  'a chunk of -2': [[CHUNKED], `-2\r\n{}\r\n${LAST}`],
  'a chunk of 0x2': [[CHUNKED], `0x2\r\n{}\r\n${LAST}`],
  'a bare LF behind a chunk size': [[CHUNKED], `2\n{}\n${LAST}`],
  'a bare LF in a chunk extension': [[CHUNKED], `2;a\nxx\r\n{}\r\n${LAST}`],
  'a chunk that is longer than it says': [[CHUNKED], `2\r\n{}xx${LAST}`],
};

/** Requests with a body to a redirect, which answers without reading it, and to what reads it. */
const REQUESTS = ['POST /', 'GET /hit'];

test.each(Object.entries(AMBIGUOUS))('%s: one refusal, and nothing smuggled', async (_, [head, body]) => {
  for (const request of REQUESTS) {
    const text = `${request} HTTP/1.1\r\nHost: localhost\r\n${head.join('\r\n')}\r\n\r\n${body}`;
    const answers = await exchange(app.port, text);
    expect(answers.map(({ headers }) => headers.location)).not.toContain('https://example.com/smuggled');
    const refusals = answers.filter(({ status }) => status >= 400);
    expect(refusals).toHaveLength(1);
    expect(answers.at(-1)?.headers.connection).toBe('close');
    // A redirect may have been answered by then: its body is none of its business, and what follows is refused.
    expect(answers.length).toBeLessThanOrEqual(
      request === 'GET /hit' && head[0] === CHUNKED && head.length === 1 ? 2 : 1,
    );
  }
});

test('equal Content-Lengths are one, and what follows the body is the next request', async () => {
  const twice = 'Content-Length: 2\r\nContent-Length: 2';
  const last = 'GET /hit HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const answers = await exchange(app.port, `POST / HTTP/1.1\r\nHost: localhost\r\n${twice}\r\n\r\n{}${last}`);
  expect(answers.map(({ status }) => status)).toEqual([400, 302]);
});

test('chunk extensions are passed over', async () => {
  const body = '17;a="b;c"\r\n{"url":"https://e.test"\r\n1;x\r\n}\r\n0;y=z\r\n\r\n';
  const head = `POST / HTTP/1.1\r\nHost: localhost\r\n${CHUNKED}\r\nConnection: close\r\n\r\n`;
  expect((await exchange(app.port, head + body)).map(({ status }) => status)).toEqual([201]);
});

test('trailers are not taken for requests, and end the connection', async () => {
  // Bun 1.4.5 knows no trailers: it answers the request and then refuses what follows its last chunk.
  for (const trailer of ['X-Api-Key: a\r\n\r\n', SMUGGLED, `X-A: b\r\n\r\n${SMUGGLED}`]) {
    for (const request of REQUESTS) {
      const text = `${request} HTTP/1.1\r\nHost: localhost\r\n${CHUNKED}\r\n\r\n2\r\n{}\r\n0\r\n${trailer}`;
      const answers = await exchange(app.port, text);
      expect(answers.map(({ headers }) => headers.location)).not.toContain('https://example.com/smuggled');
      expect(answers.at(-1)).toMatchObject({ status: 400, headers: { connection: 'close' } });
      expect(answers.length).toBeLessThanOrEqual(2);
    }
  }
});

test('the body of a request that nobody reads is not its successor', async () => {
  const hit = (more: string) => `GET /hit HTTP/1.1\r\nHost: localhost\r\n${more}\r\n\r\n`;
  const answers = await exchange(app.port, `${hit(BYTES)}${SMUGGLED}${hit('Connection: close')}`);
  expect(answers.map(({ headers }) => headers.location)).toEqual([
    'https://example.com/hit',
    'https://example.com/hit',
  ]);
});

test('of two Host headers only the first counts', async () => {
  // Bun takes it; RFC 9112 (3.2) would refuse. A page that rebinds its name to us cannot send a second one.
  const create = '{"url":"https://e.test"}';
  const send = async (hosts: readonly string[]) => {
    const head = [...hosts.map((host) => `Host: ${host}`), `Content-Length: ${create.length}`, 'Connection: close'];
    const [answer] = await exchange(app.port, `POST / HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${create}`);
    return answer?.status;
  };
  expect(await send(['localhost'])).toBe(201);
  expect([await send(['evil.test', 'localhost']), await send(['localhost', 'evil.test'])]).toEqual([403, 403]);
});

test('other versions of HTTP are refused', async () => {
  const lines = [
    'GET /hit HTTP/2.0',
    'GET /hit HTTP/1.2',
    'GET /hit',
    'GET /hit x HTTP/1.1',
    'GET /hi\0t HTTP/1.1',
    'PRI * HTTP/2.0',
  ];
  for (const line of lines) {
    const answers = await exchange(app.port, `${line}\r\nHost: localhost\r\n\r\n${SMUGGLED}`);
    expect(answers.map(({ headers }) => headers.location)).toEqual([undefined]);
    expect(answers[0]?.status).toBeOneOf([400, 505]);
  }
});
