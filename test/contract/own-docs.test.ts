import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { dereference, isObject, type JsonObject, objectAt } from '../support/openapi-documents.ts';
import { type ContractClient, startContractClient } from './client.ts';
import { documents } from './contract.ts';

/** `GET /rest/v3/short-urls` → what is told of it. */
type Operations = ReadonlyMap<string, JsonObject>;

let client: ContractClient;
let own: Operations;
const documented = operationsOf(documents === undefined ? {} : dereference(documents, 'swagger.json'));

beforeAll(async () => {
  client = await startContractClient();
  own = operationsOf(await (await client.app.request('/rest/docs/json')).json());
});

afterAll(() => client[Symbol.asyncDispose]());

describe.skipIf(documents === undefined)("hop's own docs describe the documented operations", () => {
  test('that are built', () => {
    const built = [...own.keys()].filter((name) => documented.has(name));
    expect(built.length).toBeGreaterThanOrEqual(7);
  });

  test('under their ids, from which clients are generated', () => {
    for (const [name, operation, ours] of pairs())
      expect([name, ours.operationId]).toEqual([name, operation.operationId]);
  });

  test('with all of their parameters', () => {
    for (const [name, operation, ours] of pairs()) {
      const missing = parametersOf(operation).filter((parameter) => !parametersOf(ours).includes(parameter));
      expect([name, missing]).toEqual([name, []]);
    }
  });

  test('with all of their statuses', () => {
    const missing = pairs().flatMap(([name, operation, ours]) =>
      statusesOf(operation)
        .filter((status) => !statusesOf(ours).includes(status))
        .map((status) => `${name} ${status}`),
    );
    expect(missing).toEqual([]);
  });

  function pairs(): [name: string, documented: JsonObject, own: JsonObject][] {
    return [...documented].flatMap(([name, operation]): [string, JsonObject, JsonObject][] => {
      const ours = own.get(name);
      return ours === undefined ? [] : [[name, operation, ours]];
    });
  }
});

function operationsOf(root: unknown): Operations {
  const paths = Object.entries(isObject(root) ? objectAt(root, 'paths') : {});
  return new Map(
    paths.flatMap(([path, item]) =>
      Object.entries(isObject(item) ? item : {}).map(([method, operation]): [string, JsonObject] => [
        `${method.toUpperCase()} ${path.replace('v{version}', 'v3').replace('/rest/health', '/rest/v3/health')}`,
        isObject(operation) ? operation : {},
      ]),
    ),
  );
}

/** Their names; a version is part of hop's paths. */
function parametersOf({ parameters }: JsonObject): unknown[] {
  if (!Array.isArray(parameters)) return [];
  return parameters.map((parameter) => isObject(parameter) && parameter.name).filter((name) => name !== 'version');
}

function statusesOf(operation: JsonObject): string[] {
  return Object.keys(objectAt(operation, 'responses')).filter((status) => status !== 'default');
}
