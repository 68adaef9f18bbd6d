import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { exchange } from '../support/http.ts';
import { MAX_BODY_BYTES, type RestStage, startRestStage } from '../support/rest-stage.ts';

let stage: RestStage;
beforeAll(() => {
  stage = startRestStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const TYPE = 'https://shlink.io/api/error/';

describe('a body that is not JSON is refused:', () => {
  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'text/json', ''])(
    '"%s"',
    async (type) => {
      const answer = await stage.send('POST', '/rest/v3/things', '{"name":"a"}', { 'content-type': type });
      expect(answer.status).toBe(415);
      expect(await answer.json()).toMatchObject({ type: `${TYPE}unsupported-media-type` });
    },
  );

  test('a form', async () => {
    const form = new FormData();
    form.set('name', 'a');
    expect((await stage.send('PATCH', '/rest/v3/things/a', form, {})).status).toBe(415);
  });
});

describe('JSON is taken as', () => {
  test.each([
    'application/json',
    'APPLICATION/JSON;charset=utf-8',
    'application/json ; charset="ISO-8859-1"',
    'application/ld+json',
  ])('%s', async (type) => {
    const answer = await stage.send('POST', '/rest/v3/things', '{"name":"é"}', { 'content-type': type });
    expect(await answer.json()).toEqual({ name: 'é' });
  });
});

describe('the empty object is also written as', () => {
  test.each(['[]', ' [ ]\n', '', ' '])('"%s"', async (body) => {
    const answer = await stage.send('PATCH', '/rest/v3/things/a', body);
    expect(await answer.text()).toBe('{}');
  });

  test('nothing at all', async () => {
    const answer = await stage.request('/rest/v3/things/a', { method: 'PATCH' });
    expect(await answer.text()).toBe('{}');
  });
});

test.each(['{', '{"name"}', 'name', '{"name":"a"} x'])('malformed JSON: %s', async (body) => {
  const answer = await stage.send('POST', '/rest/v3/things', body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({
    type: `${TYPE}malformed-request-body`,
    title: 'Malformed request body',
    detail: 'Provided request does not contain a valid JSON body.',
    status: 400,
  });
});

describe('what is invalid is named', () => {
  test.each([
    ['in the order of the schema', { parts: [{ weight: 'a-secret' }], size: -1 }, ['size', 'name', 'parts']],
    ['where it is missing', { size: 1 }, ['name']],
    ['where it is too short', { name: '' }, ['name']],
    ['where it is no object', 'a-secret', ['name']],
    ['where it is a list', [1], ['name']],
  ])('%s', async (_, body, invalidElements) => {
    const answer = await stage.send('POST', '/rest/v3/things', JSON.stringify(body));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      type: `${TYPE}invalid-data`,
      title: 'Invalid data',
      detail: 'Provided data is not valid',
      status: 400,
      invalidElements,
    });
  });

  test('in the query as well', async () => {
    const answer = await stage.request('/rest/v3/things?page=a-secret');
    expect(await answer.json()).toMatchObject({ status: 400, invalidElements: ['page'] });
  });
});

describe('a large body is refused', () => {
  const large = JSON.stringify({ name: 'x'.repeat(MAX_BODY_BYTES) });
  const inChunks = () => new Blob([large]).stream();

  test.each(['POST /rest/v3/things', 'PATCH /rest/v1/things/a', 'DELETE /rest/v3/things/a'])('by %s', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    for (const body of [large, inChunks()]) {
      const answer = await stage.send(method, path, body);
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ type: `${TYPE}payload-too-large` });
    }
  });

  // A GET without an announced length has no body to Bun, whatever follows its head.
  test('by GET, which reads none', async () => {
    const head = `GET /rest/v3/things/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
    const [answer] = await exchange(stage.port, `${head}Content-Length: ${large.length}\r\n\r\n${large}`);
    expect(answer?.status).toBe(413);
  });

  test('but not one that just fits', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(MAX_BODY_BYTES - 11) });
    expect(body).toHaveLength(MAX_BODY_BYTES);
    for (const sent of [body, new Blob([body]).stream()]) {
      expect((await stage.send('POST', '/rest/v3/things', sent)).status).toBe(200);
    }
  });
});
