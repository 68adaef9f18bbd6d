import { describe, expect, test } from 'bun:test';
import { Contract, type Exchange } from '../support/openapi.ts';
import type { DocumentFiles } from '../support/openapi-documents.ts';

/** Documents in the manner of REST API v3's, so that these tests run where those are missing. */
const FILES: DocumentFiles = {
  'swagger.json': {
    paths: {
      '/rest/v{version}/things/{name}': { $ref: 'paths/thing.json' },
      '/rest/v{version}/things/first': { $ref: 'paths/first.json' },
      '/rest/health': { $ref: 'paths/health.json' },
    },
  },
  'paths/thing.json': {
    get: {
      operationId: 'getThing',
      responses: {
        '200': { content: { 'application/json': { schema: { $ref: '../definitions/Special.json' } } } },
        '400': {
          content: {
            'application/problem+json': {
              schema: { $ref: '../definitions/Invalid.json' },
              examples: { 'Invalid arguments': { $ref: '../examples/invalid.json' } },
            },
          },
        },
        default: { content: { 'application/problem+json': { schema: { $ref: '../definitions/Error.json' } } } },
      },
    },
    delete: { operationId: 'deleteThing', responses: { '204': { description: 'gone' } } },
  },
  'paths/first.json': {
    get: {
      operationId: 'getFirst',
      responses: { '200': { content: { 'text/plain': { schema: { type: 'string' } } } } },
    },
  },
  'paths/health.json': {
    get: {
      operationId: 'health',
      responses: {
        '200': {
          content: { 'application/json': { schema: { properties: { status: { enum: ['pass', 'fail'] } } } } },
        },
      },
    },
  },
  'definitions/Thing.json': {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string' },
      made: { type: 'string', format: 'date-time' },
      until: { type: ['string', 'null'], description: 'The date (in ISO-8601 format) until which it lasts' },
      parts: { type: 'array', items: { $ref: './Part.json' } },
    },
  },
  'definitions/Part.json': { type: 'object', properties: { size: { type: 'integer' } } },
  'definitions/Special.json': {
    type: 'object',
    allOf: [{ $ref: './Thing.json' }],
    properties: { kind: { type: 'string' } },
  },
  'definitions/Invalid.json': {
    type: 'object',
    allOf: [
      { $ref: './Error.json' },
      {
        required: ['invalidElements'],
        properties: { invalidElements: { type: 'array', items: { type: 'string', enum: ['name'] } } },
      },
    ],
  },
  'examples/invalid.json': { value: { type: 'https://shlink.io/api/error/invalid-data' } },
  'definitions/Error.json': {
    type: 'object',
    required: ['type', 'title', 'detail', 'status'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      detail: { type: 'string' },
      status: { type: 'number' },
    },
  },
};

const THING = {
  name: 'a',
  made: '2026-11-24T01:02:03+00:00',
  until: null,
  parts: [{ size: 1 }],
  kind: 'special',
};

const PROBLEM = { type: 'https://shlink.io/api/error/not-found', title: 'Not found', detail: 'No.', status: 404 };
const INVALID = {
  type: 'https://shlink.io/api/error/invalid-data',
  title: 'Invalid data',
  detail: 'No.',
  status: 400,
  invalidElements: ['name'],
};

interface Answer extends Partial<Omit<Exchange, 'body'>> {
  readonly body?: unknown;
}

/** A thing that was asked for and got, but for what is said otherwise. */
function violations({ body = THING, ...rest }: Answer): string[] {
  const exchange = { method: 'GET', path: '/rest/v3/things/a', status: 200, contentType: 'application/json', ...rest };
  return new Contract(FILES).violations({ ...exchange, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

const problem = { status: 404, contentType: 'application/problem+json' };
const invalid = { ...problem, status: 400 };
const removed = { method: 'DELETE', status: 204, contentType: null, body: '' };

describe('a right answer passes:', () => {
  const cases: readonly [name: string, answer: Answer][] = [
    ['a payload with every member', {}],
    ['any version, whatever the query', { path: '/rest/v1/things/a?b=c' }],
    ['a content type with a charset', { contentType: 'application/json;charset=utf-8' }],
    ['a date instead of null', { body: { ...THING, until: '2026-11-24T01:02:03+00:00' } }],
    ['no body', removed],
    ['a documented error', { ...invalid, body: INVALID }],
    ['a field besides those documented as invalid', { ...invalid, body: { ...INVALID, invalidElements: ['longUrl'] } }],
    ['an error that shares its status with a documented one', { ...invalid, body: { ...PROBLEM, status: 400 } }],
    ['an error of no documented status', { ...problem, status: 413, body: { ...PROBLEM, status: 413 } }],
    ['an error of an undocumented path', { ...problem, path: '/rest/v3/none', body: PROBLEM }],
    ['OPTIONS', { ...removed, method: 'OPTIONS' }],
    ['text at a fixed path', { path: '/rest/v3/things/first', contentType: 'text/plain', body: 'https://s.test/a' }],
    ['health without version', { path: '/rest/health', body: { status: 'pass' } }],
    ['health under a version, with more than documented', { path: '/rest/v2/health', body: { status: 'pass', up: 1 } }],
  ];

  test.each(cases)('%s', (_name, answer) => {
    expect(violations(answer)).toEqual([]);
  });
});

describe('a planted wrong answer fails:', () => {
  const { name: _, ...nameless } = THING;
  const cases: readonly [name: string, answer: Answer, violation: RegExp][] = [
    ['a required member is missing', { body: nameless }, /required property 'name'/],
    ['an optional member is missing', { body: { ...THING, made: undefined } }, /required property 'made'/],
    ['a member of a part is missing', { body: { ...THING, parts: [{}] } }, /\/parts\/0 must have .* 'size'/],
    ['an unknown member', { body: { ...THING, extra: 1 } }, /unevaluated.*extra/],
    ['an unknown member of a part', { body: { ...THING, parts: [{ size: 1, extra: 1 }] } }, /parts\/0.*extra/],
    ['another type', { body: { ...THING, parts: [{ size: 1.5 }] } }, /size must be integer/],
    [
      'a date with milliseconds',
      { body: { ...THING, made: '2026-11-24T01:02:03.000+00:00' } },
      /made must match format/,
    ],
    ['a date in Z', { body: { ...THING, until: '2026-11-24T01:02:03Z' } }, /until must match format/],
    ['a date that is none', { body: { ...THING, until: '2026-13-24T01:02:03+00:00' } }, /until must match format/],
    ['an enumerated value', { path: '/rest/v3/health', body: { status: 'ok' } }, /status must be equal to one of/],
    ['no JSON', { body: '{' }, /no JSON/],
    ['another content type', { contentType: 'text/html' }, /content type is text\/html, expected application\/json/],
    ['another success', { status: 201 }, /no such success/],
    ['a success of an unknown path', { path: '/rest/v3/none' }, /no such operation/],
    ['a success of an unknown method', { method: 'PUT' }, /no such operation/],
    ['a version that there is not', { path: '/rest/v4/things/a' }, /no such operation/],
    ['a body where there is none', { ...removed, body: '{}' }, /there is a body/],
    ['a content type where there is no body', { ...removed, contentType: 'text/plain' }, /although there is no body/],
    ['an error in plain JSON', { status: 404, body: PROBLEM }, /content type is application\/json/],
    ["an error with another's status", { ...problem, body: { ...PROBLEM, status: 400 } }, /\/status is 400/],
    ['an error with a bare code', { ...problem, body: { ...PROBLEM, type: 'INVALID' } }, /\/type is INVALID/],
    ['an error without detail', { ...problem, body: { ...PROBLEM, detail: undefined } }, /required property 'detail'/],
    ['an error with an empty title', { ...problem, body: { ...PROBLEM, title: '' } }, /says nothing/],
    [
      'no word of what is invalid',
      { ...invalid, body: { ...INVALID, invalidElements: undefined } },
      /'invalidElements'/,
    ],
    ['no field invalid', { ...invalid, body: { ...INVALID, invalidElements: [] } }, /fewer than 1/],
    ['a field twice', { ...invalid, body: { ...INVALID, invalidElements: ['a', 'a'] } }, /duplicate/],
    ['an undocumented path, not as problem', { path: '/rest/v3/none', status: 404, body: PROBLEM }, /content type/],
  ];

  test.each(cases)('%s', (_name, answer, violation) => {
    expect(violations(answer).join('\n')).toMatch(violation);
  });
});

test('a reference to nowhere is found when the documents are read', () => {
  expect(() => new Contract({ ...FILES, 'definitions/Part.json': { $ref: './Gone.json' } })).toThrow(
    'the documents refer to definitions/Gone.json, which is missing',
  );
});
