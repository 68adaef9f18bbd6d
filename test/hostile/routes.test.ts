import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startApp, type TestApp } from '../support/app.ts';
import { type Asked, expectGoodBehaviour } from '../support/behaviour.ts';
import { BAD_URLS, NASTY_BODIES, NASTY_TEXTS, NASTY_VALUES, RAW_ESCAPES } from '../support/nasty.ts';
import { type Operation, operationsOf, withAt } from '../support/operations.ts';
import { isHunt } from '../support/property.ts';
import { createKey } from '../support/rest.ts';

/** Of each parameter's values so many are left out, others for the next parameter; a hunt tries all. */
const STRIDE = isHunt ? 1 : 16;
const CONCURRENCY = 16;

let app: TestApp;
let key: string;
let operations: readonly Operation[];
beforeAll(async () => {
  app = await startApp({ DEFAULT_DOMAIN: 'hop.test' });
  key = await createKey(app);
  operations = await operationsOf(app);
  await restore();
});
afterAll(() => app.stop());

/** What paths and examples speak of. */
async function restore(): Promise<void> {
  await app.create({ customSlug: 'one', tags: ['games'] });
}

function pathOf({ route }: Operation, parameter?: string, written?: string): string {
  const valid: Readonly<Record<string, string>> = { shortCode: 'one', tag: 'games', domain: 'DEFAULT' };
  return route.replace(/:(\w+)/g, (_, name: string) => (name === parameter ? String(written) : String(valid[name])));
}

function write(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Every value for every parameter, thinned out. */
function crossed<T>(parameters: readonly string[], values: readonly T[], offset: number): [string, T][] {
  return parameters.flatMap((parameter, index) =>
    values.filter((_, at) => (at + index + offset) % STRIDE === 0).map((value): [string, T] => [parameter, value]),
  );
}

async function ask(asked: Asked): Promise<{ status: number; body: string }> {
  const { method, target, body, headers } = asked;
  const answer = await app.request(target, {
    method,
    headers: { 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body }),
  });
  const text = await answer.text();
  try {
    expectGoodBehaviour(asked, answer.status, answer.headers.get('content-type'), text);
    expect(answer.headers.get('x-request-id')).not.toBeNull();
  } catch (cause) {
    const sent = JSON.stringify({ ...asked, body: body?.slice(0, 200) });
    throw new Error(`${sent} → ${answer.status} ${text.slice(0, 500)}`, { cause });
  }
  return { status: answer.status, body: text };
}

async function askAll(all: readonly Asked[]): Promise<void> {
  expect(all.length).toBeGreaterThan(30);
  const work = all.values();
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (const asked of work) await ask(asked);
    }),
  );
}

/** A digest of everything that a request can change. */
async function stored(): Promise<string> {
  const [row] = await app.sql<{ digest: string }[]>`
    select md5(concat(
      (select string_agg(t::text, ' ' order by t::text) from short_urls t),
      (select string_agg(t::text, ' ' order by t::text) from short_url_tags t),
      (select string_agg(t::text, ' ' order by t::text) from tags t),
      (select string_agg(t::text, ' ' order by t::text) from domains t),
      (select string_agg(t::text, ' ' order by t::text) from redirect_rules t),
      (select string_agg(t::text, ' ' order by t::text) from idempotency_keys t),
      (select count(*) from deleted_short_urls),
      (select count(*) from short_url_changes)
    )) as digest`;
  return row?.digest ?? '';
}

/** One after the other, to see that what is refused has changed nothing. */
async function askOneByOne(all: readonly Asked[]): Promise<void> {
  expect(all.length).toBeGreaterThan(30);
  let before = await stored();
  for (const asked of all) {
    const { status } = await ask(asked);
    const after = await stored();
    if (status >= 400 && after !== before) throw new Error(`${JSON.stringify(asked).slice(0, 300)} was half done`);
    before = after;
  }
}

const isReading = ({ method, route }: Operation) => method === 'GET' && !route.endsWith('/shorten');

test('every path parameter of every route, with anything in it', async () => {
  const written = [...NASTY_TEXTS.map(write), ...RAW_ESCAPES];
  await askAll(
    operations.flatMap((operation, at) =>
      crossed(operation.pathParameters, written, at).map(([parameter, value]) => {
        // Such a path is another one before it is sent.
        const isPath = !['.', '..'].includes(value);
        return { method: operation.method, target: pathOf(operation, parameter, isPath ? value : 'x') };
      }),
    ),
  );
});

test('every query parameter of every route that reads, with anything in it', async () => {
  const written = [...NASTY_TEXTS.map(write), ...RAW_ESCAPES];
  await restore().catch(() => {});
  await askAll(
    operations.filter(isReading).flatMap((operation, at) =>
      crossed(operation.queryParameters, written, at).map(([parameter, value]) => ({
        method: operation.method,
        target: `${pathOf(operation)}?${parameter}=${value}`,
        field: parameter.replace('[]', ''),
      })),
    ),
  );
});

test('every field of every body, with anything in it', async () => {
  await askOneByOne(
    operations.flatMap((operation, at) =>
      crossed(operation.body?.fields ?? [], NASTY_VALUES, at).map(([field, value]) => ({
        method: operation.method,
        target: pathOf(operation),
        field,
        body: JSON.stringify({ ...operation.body?.example, [field]: value }),
      })),
    ),
  );
});

test('every body, when it is none', async () => {
  await askOneByOne(
    operations
      .filter(({ body }) => body !== undefined)
      .flatMap((operation, at) =>
        NASTY_BODIES.filter((_, index) => isHunt || index % 2 === at % 2).map((body) => ({
          method: operation.method,
          target: pathOf(operation),
          body,
        })),
      ),
  );
});

test('no field that holds a URL takes one that must not be followed', async () => {
  const writes = operations.flatMap((operation) =>
    (operation.body?.urlFields ?? []).flatMap((path) =>
      BAD_URLS.map((url) => {
        const [field = ''] = path.split('.');
        const body = JSON.stringify(withAt(operation.body?.example, path, url));
        return { method: operation.method, target: pathOf(operation), field, body };
      }),
    ),
  );
  const before = await stored();
  for (const asked of writes) {
    const { status, body } = await ask(asked);
    const results = (JSON.parse(body).results ?? [{ status }]) as { status: number }[];
    if (results[0]?.status !== 400) throw new Error(`${JSON.stringify(asked).slice(0, 300)} → ${body.slice(0, 300)}`);
  }
  expect(writes.length).toBeGreaterThanOrEqual(6 * BAD_URLS.length);
  expect(await stored()).not.toBe(before); // the bulk's second item
});
