import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { validate } from '@readme/openapi-parser';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

describe('the page', () => {
  test('allows no script within it and none from elsewhere', async () => {
    const page = await app.request('/rest/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self';");
    const html = await page.text();
    expect(html).not.toMatch(/<script(?![^>]* src=)/);
    expect(addressesIn(html).every((address) => address.startsWith('/rest/docs/'))).toBe(true);
  });

  test('has all that it asks for', async () => {
    const addresses = addressesIn(await (await app.request('/rest/docs')).text());
    expect(addresses).toHaveLength(4);
    for (const address of addresses) {
      const asset = await app.request(address);
      expect(asset.status).toBe(200);
      expect(asset.headers.get('content-type')).toMatch(/^(text\/javascript|text\/css|image\/svg\+xml)/);
      expect((await asset.blob()).size).toBeGreaterThan(50);
    }
  });

  test.each(['/rest/docs/', '/rest/docs?x=1', '/rest/docs#/Monitoring'])('is at %s too', async (path) => {
    expect((await app.request(path)).status).toBe(200);
  });

  test.each(['/rest/docs/nothing', '/rest/docs/swagger-ui.css/x', '/rest/v3/docs'])('is not at %s', async (path) => {
    expect((await app.request(path)).status).toBe(404);
  });
});

describe('the description', () => {
  test('is valid OpenAPI', async () => {
    const document = JSON.parse(await (await app.request('/rest/docs/json')).text());
    const result = await validate(document);
    expect(result).toMatchObject({ valid: true, warnings: [] });
  });

  test('has no operation of the documentation itself, nor outside of the REST API', async () => {
    const paths = Object.keys((await describedApi()).paths);
    expect(paths).toContain('/rest/v3/health');
    expect(paths.filter((path) => !path.startsWith('/rest/v3/'))).toEqual([]);
  });

  test('says how to authenticate', async () => {
    const { components } = await describedApi();
    expect(components.securitySchemes).toMatchObject({ ApiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' } });
  });

  test('groups the operations by tags that it explains, and has no empty group', async () => {
    const { tags } = await describedApi();
    const used = (await operations()).flatMap(([, operation]) => operation.tags ?? []);
    expect(tags.map(({ name }) => name).sort()).toEqual([...new Set(used)].sort());
  });

  test('says of each operation what it does, answers and refuses', async () => {
    expect((await operations()).flatMap(shortcomings)).toEqual([]);
  });
});

interface Media {
  readonly schema?: { readonly examples?: unknown };
  readonly example?: unknown;
  readonly examples?: unknown;
}

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { readonly description?: string; readonly content?: Readonly<Record<string, Media>> }>
  >;
}

/** What is missing, one line each. */
function shortcomings([name, operation]: [name: string, operation: Operation]): string[] {
  const { summary, tags, security, requestBody, responses } = operation;
  const answers = Object.entries(responses);
  const successes = answers.filter(([status]) => Number(status) < 300);
  const isPublic = security?.length === 0;
  const takesBody = /^(post|put|patch) /.test(name);
  const examined: [what: string, isThere: boolean][] = [
    ['summary', Boolean(summary)],
    ['tag', tags?.length === 1],
    ['example of its body', !takesBody || hasExamples(requestBody?.content)],
    ['answer', successes.length > 0],
    ['answer without a key', isPublic || '401' in responses],
    ['answer without a database', '503' in responses],
    ['answer to a large body', !takesBody || '413' in responses],
    ['answer to a body that is not JSON', !takesBody || '415' in responses],
    ...answers.map(([status, { description }]): [string, boolean] => [
      `description of ${status}`,
      Boolean(description),
    ]),
  ];
  return examined.filter(([, isThere]) => !isThere).map(([what]) => `${name} has no ${what}`);
}

function hasExamples(content: Readonly<Record<string, Media>> = {}): boolean {
  const media = Object.values(content);
  return media.length > 0 && media.every(({ example, examples, schema }) => example ?? examples ?? schema?.examples);
}

async function operations(): Promise<[name: string, operation: Operation][]> {
  const { paths } = await describedApi();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  );
}

async function describedApi() {
  const response = await app.request('/rest/docs/json');
  expect(response.headers.get('content-type')).toBe('application/json');
  return (await response.json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    readonly tags: readonly { readonly name: string }[];
    readonly components: { readonly securitySchemes: unknown };
  };
}

function addressesIn(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address = '']) => address);
}
