import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { exchange, lines } from '../support/http.ts';
import { type RestStage, startRestStage } from '../support/rest-stage.ts';

let stage: RestStage;
beforeAll(() => {
  stage = startRestStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const TYPE = 'https://shlink.io/api/error/';

describe('versions', () => {
  test.each(['v1', 'v2', 'v3'])('/rest/%s is the same', async (version) => {
    const answer = await stage.request(`/rest/${version}/things/a%2Fb%20c?page=1`);
    expect(await answer.json()).toEqual({ name: 'a/b c' });
  });

  test('the query comes along', async () => {
    expect(await (await stage.request('/rest/v1/things?page=2')).json()).toEqual({ page: 2 });
  });

  test.each(['/rest/health', '/rest/health/', '/rest/health?x', '/rest/v1/health', '/rest/v3/health'])(
    'health is at %s',
    async (path) => {
      expect(await (await stage.request(path)).text()).toBe('well');
    },
  );

  const unknown = ['/rest/', '/rest/things', '/rest/v0/things', '/rest/v4/things', '/rest/v3', '/rest/healthy'];
  test.each(unknown)('%s is not found, as a problem', async (path) => {
    const answer = await stage.request(path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ type: `${TYPE}not-found`, status: 404 });
  });

  test.each(['Host: evil/x?y@z', 'Host: a b', 'Host: go', 'Host: '])('"%s" does not mislead', async (host) => {
    const [answer] = await exchange(stage.port, `GET /rest/v1/seen?a=/rest/ HTTP/1.1\r\n${lines([host])}`);
    expect(answer?.status).toBe(200);
    expect(JSON.parse(answer?.body ?? '')).toEqual({ url: 'http://localhost/rest/v3/seen?a=/rest/', method: 'GET' });
  });
});

describe('methods', () => {
  test('HEAD answers as GET, without the body', async () => {
    const got = await stage.request('/rest/v3/things/abc');
    const head = await stage.request('/rest/v3/things/abc', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-type')).toBe(got.headers.get('content-type'));
    expect(await head.text()).toBe('');
  });

  test.each([
    ['PUT', '/rest/v3/things', 'GET,POST'],
    ['DELETE', '/rest/v2/things', 'GET,POST'],
    ['POST', '/rest/v3/things/abc', 'DELETE,GET,PATCH'],
    ['POST', '/rest/v3/things/abc/', 'DELETE,GET,PATCH'],
    ['POST', '/rest/v3/things/all', 'DELETE,GET,PATCH'],
    ['TRACE', '/rest/v3/things/a/parts/b', 'GET'],
    ['POST', '/rest/health', 'GET'],
  ])('%s %s is refused, with those that it has', async (method, path, allowed) => {
    const head = `${method} ${path} HTTP/1.1\r\n${lines(['Host: localhost', 'Content-Length: 0'])}`;
    const [answer] = await exchange(stage.port, head);
    expect(answer?.status).toBe(405);
    expect(answer?.headers.allow).toBe(allowed);
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ type: `${TYPE}method-not-allowed` });
  });

  test('a fixed path has those of a pattern that fits it too', async () => {
    expect(await (await stage.request('/rest/v3/things/all')).text()).toBe('all of them');
    expect(await (await stage.request('/rest/v3/things/all', { method: 'DELETE' })).json()).toEqual({ name: 'all' });
  });
});

describe('request ids', () => {
  test('a sane one is echoed, also by errors', async () => {
    for (const path of ['things', 'refused', 'nothing', 'broken']) {
      const answer = await stage.request(`/rest/v3/${path}`, { headers: { 'x-request-id': 'id-1~!' } });
      expect(answer.headers.get('x-request-id')).toBe('id-1~!');
    }
  });

  test.each([
    ['none', undefined],
    ['an empty one', ''],
    ['one with blanks', 'a b'],
    ['a long one', 'x'.repeat(129)],
    ['one that is not ASCII', '\xe9'],
  ])('%s is replaced', async (_, id) => {
    const head = ['Host: localhost', ...(id === undefined ? [] : [`X-Request-Id: ${id}`])];
    const [answer] = await exchange(stage.port, `GET /rest/v3/things HTTP/1.1\r\n${lines(head)}`);
    expect(answer?.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('the log of a failure has it', async () => {
    await stage.request('/rest/v1/broken', { headers: { 'x-request-id': 'failing-1' } });
    expect(stage.logged).toContainEqual(
      expect.objectContaining({ message: 'request failed', requestId: 'failing-1', path: '/rest/v3/broken' }),
    );
  });
});

describe('failures of ours say nothing of their cause', () => {
  test.each(['broken', 'misfit'])('%s', async (name) => {
    const answer = await stage.request(`/rest/v3/${name}`);
    const body = await answer.text();
    expect(answer.status).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ type: `${TYPE}internal-error`, status: 500 });
    expect(body).not.toContain('secret');
  });

  test('an answer that does not fit its schema is logged by its fields', async () => {
    await stage.request('/rest/v3/misfit', { headers: { 'x-request-id': 'misfit-1' } });
    const line = JSON.stringify(stage.logged.find(({ requestId }) => requestId === 'misfit-1'));
    expect(line).toContain('does not fit its schema at size');
    expect(line).not.toContain('a secret of ours');
  });
});

test('what cannot be answered yet is refused, unless it is unknown anyway', async () => {
  const { AppError } = await import('../../src/lib/errors.ts');
  const refusal = (path: string) =>
    path === '/rest/v3/health' ? undefined : new AppError('database-unavailable', 'Not yet.');
  await using unready = startRestStage({ refusal });
  const answer = await unready.request('/rest/v1/things');
  expect({ status: answer.status, retryAfter: answer.headers.get('retry-after') }).toEqual({
    status: 503,
    retryAfter: '1',
  });
  expect((await unready.request('/rest/health')).status).toBe(200);
  expect((await unready.request('/rest/v1/nothing')).status).toBe(404);
  expect((await unready.request('/rest/v1/things', { method: 'OPTIONS' })).status).toBe(204);
});
