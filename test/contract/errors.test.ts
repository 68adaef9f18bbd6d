import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type ContractClient, type RequestOptions, startContractClient } from './client.ts';

let client: ContractClient;

beforeAll(async () => {
  client = await startContractClient();
  await client.create({ customSlug: 'taken' });
  await client.create({ customSlug: 'taken', domain: 'other.test' });
});

afterAll(() => client[Symbol.asyncDispose]());

interface Problem {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly [extra: string]: unknown;
}

function problem(code: string, status: number, title: string, detail: string, extra: object = {}): Problem {
  return { type: `https://shlink.io/api/error/${code}`, status, title, detail, ...extra };
}

const MISSING_KEY = problem(
  'missing-authentication',
  401,
  'Invalid authorization',
  'Expected one of the following authentication headers, ["X-Api-Key"], but none were provided',
  { expectedHeaders: ['X-Api-Key'] },
);
const MISSING_PARAM = problem(
  'missing-authentication',
  401,
  'Invalid authorization',
  'Expected authentication to be provided in "apiKey" query param',
  { param: 'apiKey' },
);
const WRONG_KEY = problem('invalid-api-key', 401, 'Invalid API key', 'Provided API key does not exist or is invalid.');

const invalid = (...invalidElements: string[]) =>
  problem('invalid-data', 400, 'Invalid data', 'Provided data is not valid', { invalidElements });

function notFound(shortCode: string, domain?: string): Problem {
  const suffix = domain === undefined ? '' : ` for domain "${domain}"`;
  const detail = `No URL found with short code "${shortCode}"${suffix}`;
  const extra = domain === undefined ? { shortCode } : { shortCode, domain };
  return problem('short-url-not-found', 404, 'Short URL not found', detail, extra);
}

function taken(customSlug: string, domain?: string): Problem {
  const suffix = domain === undefined ? '.' : ` for domain "${domain}".`;
  const detail = `Provided slug "${customSlug}" is already in use${suffix}`;
  const extra = domain === undefined ? { customSlug } : { customSlug, domain };
  return problem('non-unique-slug', 400, 'Invalid custom slug', detail, extra);
}

type Case = readonly [request: string, options: RequestOptions, problem: Problem];

/** `GET /path` or only `/path`. */
async function ask(request: string, options: RequestOptions): Promise<unknown> {
  const [method = '', path = ''] = request.split(' ');
  return (await client.request(path, { method, ...options })).body;
}

const OPERATIONS = [
  'GET /short-urls',
  'POST /short-urls',
  'GET /short-urls/abc',
  'PATCH /short-urls/abc',
  'DELETE /short-urls/abc',
];

describe('without a key:', () => {
  test.each(OPERATIONS)('%s', async (request) => {
    expect(await ask(request, { apiKey: null })).toEqual(MISSING_KEY);
  });

  test('GET /short-urls/shorten', async () => {
    expect(await ask('GET /short-urls/shorten?longUrl=https://example.com', {})).toEqual(MISSING_PARAM);
  });
});

describe('with an unknown key:', () => {
  test.each(OPERATIONS)('%s', async (request) => {
    expect(await ask(request, { apiKey: 'unknown' })).toEqual(WRONG_KEY);
  });

  test('GET /short-urls/shorten', async () => {
    const request = 'GET /short-urls/shorten?apiKey=unknown&longUrl=https://example.com';
    expect(await ask(request, {})).toEqual(WRONG_KEY);
  });
});

const longUrl = 'https://example.com';
const create = (body: unknown): RequestOptions => ({ body });

describe('creating', () => {
  const invalidFields: Readonly<Record<string, readonly unknown[]>> = {
    longUrl: [undefined, null, '', '   ', 'none', '//example.com', 'javascript:alert(1)', 'data:,', 5, true, [], {}],
    validSince: ['tomorrow', '2026-13-01', '', 5, true, []],
    validUntil: ['tomorrow', '2026-02-30T00:00:00Z', '9999-12-31T23:00:00-14:00', '0001-01-01T00:00:00+14:00', 5],
    maxVisits: [0, -1, 'many', 1.5, [], 1e300],
    tags: ['a', 5, [5], [[]], { a: 'b' }],
    title: [5, [], {}],
    customSlug: ['', '  ', 5, [], 'a\u0000b'],
    pathPrefix: [5, []],
    shortCodeLength: [3, 0, -1, 'long', 4.5],
    domain: [5, [], '   ', '127.0.0.1', '::1', 'example.com:65536', 'a b', 'https://example.com', 'a/b', '..'],
  };
  const cases = Object.entries(invalidFields).flatMap(([field, values]) =>
    values.map((value) => [field, JSON.stringify(value), value] as const),
  );

  test.each(cases)('refuses %s %s', async (field, _text, value) => {
    expect(await ask('POST /short-urls', create({ longUrl, [field]: value }))).toEqual(invalid(field));
  });

  test('names all fields that are wrong, in the order of the documents', async () => {
    const body = { domain: '::1', maxVisits: -1, validUntil: 'b', tags: 'c', validSince: 'd', longUrl: 'e' };
    expect(await ask('POST /short-urls', create(body))).toEqual(
      invalid('longUrl', 'validSince', 'validUntil', 'maxVisits', 'tags', 'domain'),
    );
  });

  test.each([[[]], [{}]])('misses the long URL in %j', async (body) => {
    expect(await ask('POST /short-urls', create(body))).toEqual(invalid('longUrl'));
  });

  test.each(['null', '5', '"text"', '[1]', '[{}]'])('refuses %s as body', async (text) => {
    const { status } = await client.request('/short-urls', { method: 'POST', body: text });
    expect(status).toBe(400);
  });

  const slugs: readonly Case[] = [
    ['POST /short-urls', create({ longUrl, customSlug: 'taken' }), taken('taken')],
    ['POST /short-urls', create({ longUrl, customSlug: 'taken', domain: 'other.test' }), taken('taken', 'other.test')],
    ['POST /short-urls', create({ longUrl, customSlug: 'taken', findIfExists: true }), taken('taken')],
  ];

  test.each(slugs)('%s %j refuses a slug that is taken', async (request, options, expected) => {
    expect(await ask(request, options)).toEqual(expected);
  });
});

describe('a short URL that is not there:', () => {
  const cases: readonly Case[] = ['GET', 'PATCH', 'DELETE'].flatMap((method): Case[] => {
    const options = method === 'PATCH' ? { body: { title: 'none' } } : {};
    return [
      [`${method} /short-urls/none`, options, notFound('none')],
      [`${method} /short-urls/none?domain=other.test`, options, notFound('none', 'other.test')],
      [`${method} /short-urls/taken?domain=unknown.test`, options, notFound('taken', 'unknown.test')],
    ];
  });

  test.each(cases)('%s', async (request, options, expected) => {
    expect(await ask(request, options)).toEqual(expected);
  });
});

describe('editing', () => {
  const invalidFields: Readonly<Record<string, readonly unknown[]>> = {
    longUrl: ['', 'none', 'javascript:alert(1)', 5],
    validSince: ['tomorrow', 5],
    validUntil: ['tomorrow', 5],
    maxVisits: [0, -1, 'many', 1.5],
    tags: ['a', [5]],
    title: [5, []],
  };
  const cases = Object.entries(invalidFields).flatMap(([field, values]) =>
    values.map((value) => [field, JSON.stringify(value), value] as const),
  );

  test.each(cases)('refuses %s %s', async (field, _text, value) => {
    expect(await ask('PATCH /short-urls/taken', create({ [field]: value }))).toEqual(invalid(field));
  });

  test('looks at the fields before it looks for the short URL', async () => {
    const body = { maxVisits: 'many', validSince: 'tomorrow' };
    expect(await ask('PATCH /short-urls/none', create(body))).toEqual(invalid('validSince', 'maxVisits'));
  });
});
