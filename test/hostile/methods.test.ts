import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { expectGoodBehaviour } from '../support/behaviour.ts';
import { exchange, lines } from '../support/http.ts';
import { type Operation, operationsOf, routesOf } from '../support/operations.ts';
import { createKey } from '../support/rest.ts';

let app: TestApp;
let key: string;
let operations: readonly Operation[];
beforeAll(async () => {
  app = await startApp({ DEFAULT_DOMAIN: 'hop.test' });
  key = await createKey(app);
  operations = await operationsOf(app);
});
afterAll(() => app.stop());

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'TRACE', 'LOCK', 'REPORT', 'SEARCH'];
const ODD_METHODS = ['get', 'FOO', 'GETT', 'G\x01T', '', 'POST\0', 'A'.repeat(5_000)];

/** Paths of the router with the methods that they have, also by a pattern that fits another path. */
function methodsByPath(): Map<string, Set<string>> {
  const routes = routesOf(app).filter(({ path }) => path.startsWith('/rest/'));
  const filled = (path: string) => path.replace(/:\w+/g, 'x').replace(/\/$/, '');
  const fits = (path: string, pattern: string) =>
    new RegExp(`^${pattern.replace(/\/$/, '').replace(/:\w+/g, '[^/]+')}$`).test(path);
  return new Map(
    routes.map(({ path }) => [
      filled(path),
      new Set(routes.filter((route) => fits(filled(path), route.path)).map(({ method }) => method)),
    ]),
  );
}

async function rawAsk(method: string, target: string) {
  const head = lines(['Host: localhost', `X-Api-Key: ${key}`]);
  const [answer] = await exchange(app.port, `${method} ${target} HTTP/1.1\r\n${head}`);
  return answer;
}

test('every path refuses every other method, and names those that it has', async () => {
  const paths = [...methodsByPath()];
  expect(paths.length).toBeGreaterThan(25);
  const wrong = paths.flatMap(([path, methods]) =>
    METHODS.filter((method) => !methods.has(method === 'HEAD' ? 'GET' : method)).map((method) => ({
      path,
      methods,
      method,
    })),
  );
  await Promise.all(
    wrong.map(async ({ path, methods, method }) => {
      const answer = await rawAsk(method, path);
      const allow = answer?.headers.allow?.split(/, ?/) ?? [];
      expect({ path, method, status: answer?.status, allow: new Set(allow) }).toEqual({
        path,
        method,
        status: 405,
        allow: methods,
      });
      if (method === 'HEAD') return;
      expectGoodBehaviour({ method, target: path }, 405, answer?.headers['content-type'] ?? null, answer?.body ?? '');
    }),
  );
});

test('every path tells its methods to OPTIONS', async () => {
  for (const [path, methods] of methodsByPath()) {
    const answer = await app.request(path, { method: 'OPTIONS' });
    expect([answer.status, new Set(answer.headers.get('allow')?.split(','))]).toEqual([204, methods]);
  }
});

test('what is not below /rest refuses other methods as well', async () => {
  await app.create({ customSlug: 'abc' });
  for (const path of ['/', '/abc', '/unknown', '/abc/track', '/robots.txt']) {
    for (const method of METHODS.filter((each) => !['GET', 'HEAD', 'POST'].includes(each))) {
      const answer = await rawAsk(method, path);
      expect([path, method, answer?.status]).toEqual([path, method, 405]);
    }
  }
});

test('a word that is no method is answered with nothing or 4xx, and once', async () => {
  for (const method of ODD_METHODS) {
    for (const path of ['/abc', '/rest/v3/tags']) {
      const head = lines(['Host: localhost', `X-Api-Key: ${key}`]);
      const answers = await exchange(app.port, `${method} ${path} HTTP/1.1\r\n${head}`);
      expect(answers.length).toBeLessThanOrEqual(1);
      for (const { status } of answers) expect(status).toBeWithin(400, 506);
    }
  }
});

const WRONG_TYPES = [
  ...['text/plain', 'text/json', 'application/jsonp', 'application/x-www-form-urlencoded', 'application/octet-stream'],
  ...[
    'multipart/form-data; boundary=x',
    'application/xml',
    'json',
    'application/json-seq',
    '*/*',
    '/',
    ';',
    'application/',
  ],
];

test('every body has to say that it is JSON', async () => {
  for (const { method, route, body } of operations) {
    if (body === undefined) continue;
    const target = route.replace(/:\w+/g, 'x');
    for (const contentType of WRONG_TYPES) {
      const answer = await app.request(target, {
        method,
        headers: { 'x-api-key': key, 'content-type': contentType },
        body: new TextEncoder().encode(JSON.stringify(body.example)),
      });
      const text = await answer.text();
      expect([target, contentType, answer.status]).toEqual([target, contentType, 415]);
      expectGoodBehaviour({ method, target }, 415, answer.headers.get('content-type'), text);
    }
  }
});
