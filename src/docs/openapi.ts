import { filterPaths, registerSchemaPath } from '@elysiajs/swagger/utils';
import type { InternalRoute } from 'elysia';
import { VERSION } from '../lib/version.ts';
import { type Answers, finishOperation, type Operation } from './operation.ts';

export type DocumentedRoute = Pick<InternalRoute, 'method' | 'path' | 'hooks'>;

type Paths = Record<string, Record<string, Operation>>;

/**
 * The REST API in OpenAPI, made from its routes. In 3.1 schemas are JSON Schema as TypeBox writes it; the plugin around
 * this generator would say 3.0, in which null and constants are something else.
 */
export function openApiDocument(routes: readonly DocumentedRoute[]) {
  const paths: Paths = {};
  for (const route of routes) if (isDocumented(route)) addOperation(paths, route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'hop',
      version: VERSION,
      description:
        'A URL shortener whose redirect never waits. Its REST API is alike to version 3 of [Shlink](https://shlink.io)’s; ' +
        'under `/rest/v1` and `/rest/v2` it is the same. Errors are problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)): ' +
        'programs switch on their `type`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server.' }],
    tags: TAGS.filter(({ name }) => isUsed(name, paths)),
    paths,
    components: {
      securitySchemes: {
        ApiKey: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Api-Key',
          description: 'An API key, as `hop key create` makes them.',
        },
      },
    },
  };
}

/** In the order in which the page shows them. */
const TAGS = [
  { name: 'Short URLs', description: 'Make short URLs, look at them, edit and delete them.' },
  { name: 'Redirect rules', description: 'By which a short URL leads some visitors elsewhere.' },
  { name: 'Tags', description: 'What short URLs are grouped by.' },
  { name: 'Domains', description: 'What short URLs belong to.' },
  { name: 'Visits', description: 'Who followed short URLs, when and from where; and who came to where nothing is.' },
  { name: 'Integrations', description: 'What works together with hop.' },
  { name: 'Monitoring', description: 'Whether this service works.' },
];

function isUsed(tag: string, paths: Paths): boolean {
  return Object.values(paths).some((methods) => Object.values(methods).some(({ tags }) => tags?.includes(tag)));
}

function isDocumented({ path, hooks }: DocumentedRoute): boolean {
  return path.startsWith('/rest/') && hooks.detail?.hide !== true;
}

function addOperation(paths: Paths, { method, path, hooks }: DocumentedRoute): void {
  const { responses, ...detail }: { readonly responses?: Answers } = hooks.detail ?? {};
  const generated: Paths = {};
  // Answers of the detail would replace those of the schemas rather than join them. The generator tells media types by
  // what a route parses, which here is JSON.
  const hook = { ...hooks, parse: [{ fn: 'json' }], detail };
  registerSchemaPath({ schema: generated, path, method, hook, models: {} });
  const withParameters: Paths = filterPaths(generated, { excludeStaticFile: false, exclude: [] });
  for (const [openApiPath, operations] of Object.entries(withParameters)) {
    for (const [name, operation] of Object.entries(operations)) {
      paths[openApiPath] = { ...paths[openApiPath], [name]: finishOperation(name, operation, responses) };
    }
  }
}
