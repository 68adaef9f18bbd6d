import { createApi } from '../../src/api.ts';
import type { TestApp } from './app.ts';

/** What can be asked of the REST API: from the router, so that no route is forgotten, and from its documentation. */
export interface Operation {
  readonly method: string;
  /** As the router has it: `/rest/v3/tags/:tag/visits`. */
  readonly route: string;
  readonly pathParameters: readonly string[];
  readonly queryParameters: readonly string[];
  /** Of its body, if it has one. */
  readonly body: Body | undefined;
}

interface Body {
  readonly example: Readonly<Record<string, unknown>>;
  readonly fields: readonly string[];
  /** Paths of fields that hold a URL, of which an item of a list stands for all: `redirectRules.0.longUrl`. */
  readonly urlFields: readonly string[];
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly examples?: readonly Readonly<Record<string, unknown>>[];
}

interface Documented {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}

type Paths = Readonly<Record<string, Readonly<Record<string, Documented>>>>;

/** Every operation below `/rest/v3`. */
export async function operationsOf(app: TestApp): Promise<Operation[]> {
  const { paths } = (await (await app.request('/rest/docs/json')).json()) as { readonly paths: Paths };
  return routesOf(app)
    .filter(({ path }) => path.startsWith('/rest/v3/'))
    .map(({ method, path }) => {
      const documented = paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      if (documented === undefined) throw new Error(`${method} ${path} is not documented`);
      return { method, route: path, ...parametersOf(documented), body: bodyOf(documented) };
    });
}

/** All that the router knows. */
export function routesOf(app: TestApp): { readonly method: string; readonly path: string }[] {
  return createApi(app.services).routes.map(({ method, path }) => ({ method, path }));
}

function parametersOf({ parameters = [] }: Documented) {
  const names = (place: string) => parameters.filter((each) => each.in === place).map(({ name }) => name);
  return { pathParameters: names('path'), queryParameters: names('query') };
}

function bodyOf({ requestBody }: Documented): Body | undefined {
  const schema = requestBody?.content['application/json'].schema;
  if (schema === undefined) return undefined;
  const [example = {}] = schema.examples ?? [];
  return { example, fields: Object.keys(schema.properties ?? {}), urlFields: urlFieldsOf(schema) };
}

/** Fields whose names end in Url or Redirect, at any depth. */
function urlFieldsOf({ properties = {}, items }: Schema): string[] {
  const nested = Object.entries(properties).flatMap(([name, schema]) => [
    ...(/(Url|Redirect)$/.test(name) ? [name] : []),
    ...urlFieldsOf(schema).map((field) => `${name}.${field}`),
  ]);
  return [...nested, ...(items ? urlFieldsOf(items).map((field) => `0.${field}`) : [])];
}

/** A copy of the value with another one at a path of names and places. */
export function withAt(value: unknown, path: string, replacement: unknown): unknown {
  const [name = '', ...rest] = path.split('.');
  if (path === '') return replacement;
  const inner = (value as Record<string, unknown> | undefined)?.[name];
  const changed = withAt(inner, rest.join('.'), replacement);
  if (Array.isArray(value)) return value.map((item, at) => (String(at) === name ? changed : item));
  return { ...(value as object), [name]: changed };
}
