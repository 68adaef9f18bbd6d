import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type RestStage, startRestStage } from '../support/rest-stage.ts';

let stage: RestStage;
beforeAll(() => {
  stage = startRestStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const EVERY_KIND = ['things', 'things/a', 'refused', 'broken', 'nothing', 'things?page=x'];

describe('OPTIONS', () => {
  test.each([
    ['/rest/v3/things', 'GET,POST'],
    ['/rest/v1/things', 'GET,POST'],
    ['/rest/v3/things/abc', 'DELETE,GET,PATCH'],
    ['/rest/v3/things/all', 'DELETE,GET,PATCH'],
    ['/rest/health', 'GET'],
  ])('%s tells %s', async (path, methods) => {
    const answer = await stage.request(path, { method: 'OPTIONS' });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('allow')).toBe(methods);
    expect(await answer.text()).toBe('');
    expect(crossOrigin(answer)).toEqual({});
  });

  test('an unknown path is not found', async () => {
    expect((await stage.request('/rest/v3/nothing', { method: 'OPTIONS' })).status).toBe(404);
  });
});

describe('pages of other origins', () => {
  test('may read every answer', async () => {
    for (const path of EVERY_KIND) {
      const answer = await stage.request(`/rest/v3/${path}`, { headers: { origin: 'https://app.test' } });
      expect(crossOrigin(answer)).toEqual({ 'access-control-allow-origin': '*' });
    }
  });

  test('may read answers to wrong methods and bodies', async () => {
    const headers = { origin: 'https://app.test', 'content-type': 'text/plain' };
    for (const [method, status] of [
      ['PUT', 405],
      ['POST', 415],
    ] as const) {
      const answer = await stage.send(method, '/rest/v3/things', '{}', headers);
      expect(answer.status).toBe(status);
      expect(crossOrigin(answer)).toEqual({ 'access-control-allow-origin': '*' });
    }
  });

  test('are not spoken of where there is none', async () => {
    for (const path of EVERY_KIND) expect(crossOrigin(await stage.request(`/rest/v3/${path}`))).toEqual({});
  });

  test('can be one only', async () => {
    await using own = startRestStage({ allowedOrigin: 'https://admin.test' });
    const answer = await own.request('/rest/v3/nothing', { headers: { origin: 'https://app.test' } });
    expect(crossOrigin(answer)).toEqual({ 'access-control-allow-origin': 'https://admin.test' });
  });
});

describe('a preflight', () => {
  test.each([
    ['/rest/v3/things', 'GET,POST'],
    ['/rest/v2/things/abc', 'DELETE,GET,PATCH'],
    ['/rest/v3/nothing', 'GET,POST,PUT,PATCH,DELETE'],
  ])('for %s tells %s', async (path, methods) => {
    const answer = await preflight(path, 'x-api-key, Content-Type');
    expect(answer.status).toBe(204);
    expect(crossOrigin(answer)).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': methods,
      'access-control-allow-headers': 'x-api-key, Content-Type',
      'access-control-max-age': '3600',
    });
  });

  test.each(['a: b', 'a;b', 'x'.repeat(5000)])('does not echo what no header is named: %#', async (asked) => {
    const answer = await preflight('/rest/v3/things', asked);
    expect(answer.status).toBe(204);
    expect(crossOrigin(answer)).not.toHaveProperty('access-control-allow-headers');
  });

  function preflight(path: string, asked: string): Promise<Response> {
    const headers = {
      origin: 'https://app.test',
      'access-control-request-method': 'POST',
      'access-control-request-headers': asked,
    };
    return stage.request(path, { method: 'OPTIONS', headers });
  }
});

function crossOrigin({ headers }: Response): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));
}
