import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type ContractClient, type RequestOptions, startContractClient } from './client.ts';

let client: ContractClient;

beforeAll(async () => {
  client = await startContractClient({ BODY_MAX_BYTES: '64KiB' });
});

afterAll(() => client[Symbol.asyncDispose]());

const ORIGIN = { origin: 'https://page.test' };

function corsOf(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));
}

describe('every version', () => {
  const versions = ['v1', 'v2', 'v3'];

  test.each(versions)('%s has the same short URLs', async (version) => {
    const created = await client.create();
    const { status, body } = await client.request(`/rest/${version}/short-urls/${created.shortCode}`);
    expect({ status, body }).toEqual({ status: 200, body: created });
  });

  test.each(versions)("%s has version 3's errors", async (version) => {
    const { status, body } = await client.request(`/rest/${version}/short-urls/unknown`);
    expect(status).toBe(404);
    expect(body).toMatchObject({ type: 'https://shlink.io/api/error/short-url-not-found' });
  });

  test.each(['/rest/health', '/rest/v1/health', '/rest/v2/health', '/rest/v3/health'])(
    '%s needs no key',
    async (path) => {
      const { status, body } = await client.request(path, { apiKey: null });
      expect(status).toBe(200);
      expect(body).toMatchObject({ status: 'pass', links: { about: expect.any(String), project: expect.any(String) } });
    },
  );

  test.each(['/rest/v4/short-urls', '/rest/v3/nothing', '/rest/v3', '/rest/short-urls'])(
    '%s is not found',
    async (path) => {
      const { status, body } = await client.request(path);
      expect(status).toBe(404);
      expect(body).toMatchObject({ type: 'https://shlink.io/api/error/not-found' });
    },
  );
});

describe('OPTIONS', () => {
  test('tells the methods without a key, and nothing of CORS to nobody', async () => {
    const { status, headers } = await client.request('/short-urls', { method: 'OPTIONS', apiKey: null });
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 204, allow: 'GET,POST' });
    expect(corsOf(headers)).toEqual({});
  });

  test.each([
    ['/rest/v1/short-urls', 'GET,POST'],
    ['/short-urls/abc', 'DELETE,GET,PATCH'],
    ['/short-urls/shorten', 'DELETE,GET,PATCH'],
    ['/rest/health', 'GET'],
  ])('tells the methods of %s', async (path, methods) => {
    const { status, headers } = await client.request(path, { method: 'OPTIONS', apiKey: null });
    expect(status).toBe(204);
    expect(headers.get('allow')?.split(',').sort().join(',')).toBe(methods);
  });

  test('answers a preflight with what the page asked for', async () => {
    const { status, headers } = await client.request('/short-urls', {
      method: 'OPTIONS',
      apiKey: null,
      headers: { ...ORIGIN, 'access-control-request-headers': 'x-api-key,content-type' },
    });
    expect(status).toBe(204);
    expect(corsOf(headers)).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'x-api-key,content-type',
      'access-control-max-age': expect.stringMatching(/^\d+$/),
    });
  });

  test('answers a preflight to an unknown path with every method', async () => {
    const { status, headers } = await client.request('/nothing', { method: 'OPTIONS', headers: ORIGIN });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-methods')?.split(',').sort().join(',')).toBe('DELETE,GET,PATCH,POST,PUT');
  });
});

describe('a page of another origin may read', () => {
  const cases: readonly [name: string, path: string, status: number, options: RequestOptions][] = [
    ['a success', '/short-urls', 200, {}],
    ['health', '/rest/health', 200, {}],
    ['that its key is missing', '/short-urls', 401, { apiKey: null }],
    ['that a short URL is not found', '/short-urls/unknown', 404, {}],
    ['that a path is not found', '/nothing', 404, {}],
    ['that a method is none', '/short-urls', 405, { method: 'PUT' }],
  ];

  test.each(cases)('%s', async (_name, path, expected, options) => {
    const { status, headers } = await client.request(path, { ...options, headers: ORIGIN });
    expect(status).toBe(expected);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(corsOf((await client.request(path, options)).headers)).toEqual({});
  });
});

describe('the request id', () => {
  test.each(['/short-urls', '/short-urls/unknown', '/nothing', '/rest/health'])('is echoed at %s', async (path) => {
    const { headers } = await client.request(path, { headers: { 'x-request-id': 'an-id-of-1' } });
    expect(headers.get('x-request-id')).toBe('an-id-of-1');
  });

  test.each([
    ['that none was given', undefined],
    ['that is blank', ' '],
    ['with blanks', 'a b'],
    ['that is not ASCII', 'é'],
    ['that is long', 'a'.repeat(1000)],
  ])('%s is replaced', async (_name, id) => {
    const { headers } = await client.request(
      '/short-urls',
      id === undefined ? {} : { headers: { 'x-request-id': id } },
    );
    const made = headers.get('x-request-id');
    expect(made).toMatch(/^[\w-]{16,64}$/);
    expect(made).not.toBe(id ?? null);
  });

  test('differs from request to request', async () => {
    const ids = await Promise.all([1, 2, 3].map(async () => (await client.request('/rest/health')).headers));
    expect(new Set(ids.map((headers) => headers.get('x-request-id'))).size).toBe(3);
  });
});

describe('refused before it is looked at:', () => {
  const problemType = (code: string) => ({ type: `https://shlink.io/api/error/${code}` });

  test.each([
    ['PUT', '/short-urls', 'GET,POST'],
    ['DELETE', '/short-urls', 'GET,POST'],
    ['PUT', '/short-urls/abc', 'DELETE,GET,PATCH'],
    ['POST', '/rest/health', 'GET'],
  ])('%s %s is no method of it', async (method, path, allow) => {
    const { status, headers, body } = await client.request(path, { method });
    expect(status).toBe(405);
    expect(headers.get('allow')?.split(/, ?/).sort().join(',')).toBe(allow);
    expect(body).toMatchObject(problemType('method-not-allowed'));
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a', ''])(
    'a body of type "%s"',
    async (type) => {
      const body = '{"longUrl":"https://example.com"}';
      const headers = { 'content-type': type };
      const answer = await client.request('/short-urls', { method: 'POST', body, headers });
      expect(answer.status).toBe(415);
      expect(answer.body).toMatchObject(problemType('unsupported-media-type'));
    },
  );

  test.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON'])(
    'but not a body of type "%s"',
    async (type) => {
      const body = { longUrl: 'https://example.com' };
      const headers = { 'content-type': type };
      expect((await client.request('/short-urls', { method: 'POST', body, headers })).status).toBe(200);
    },
  );

  test.each([
    ['POST', '/short-urls'],
    ['PATCH', '/short-urls/abc'],
    ['DELETE', '/short-urls/abc'],
  ])('%s %s with a large body', async (method, path) => {
    const { status, body } = await client.request(path, { method, body: { longUrl: 'a'.repeat(70_000) } });
    expect(status).toBe(413);
    expect(body).toMatchObject(problemType('payload-too-large'));
  });

  test.each(['{', '{"longUrl":', 'nothing', '{"longUrl":"https://example.com"'])('a body like %s', async (text) => {
    for (const [method, path] of [
      ['POST', '/short-urls'],
      ['PATCH', '/short-urls/abc'],
    ] as const) {
      const { status, body } = await client.request(path, { method, body: text });
      expect(status).toBe(400);
      expect(body).toEqual({
        ...problemType('malformed-request-body'),
        title: 'Malformed request body',
        detail: 'Provided request does not contain a valid JSON body.',
        status: 400,
      });
    }
  });
});
