import { describe, expect, test } from 'bun:test';
import type { Exchange } from '../support/openapi.ts';
import { type DocumentFiles, dereference, isObject, objectAt } from '../support/openapi-documents.ts';
import { contract, documents } from './contract.ts';

describe.skipIf(documents === undefined)('the documents of REST API v3', () => {
  // Times in other zones, and visits as they were before they had a redirect URL.
  const KNOWN = /match format "date-time"|'redirectUrl'|referer must be string/;

  test('show examples that differ only where NOTES.md and the client library are stricter', () => {
    const examples = exchangesOf(documents ?? {});
    expect(examples.length).toBeGreaterThan(30);
    const found = examples.flatMap((example) => contract?.violations(example) ?? []);
    expect(found.filter((violation) => !KNOWN.test(violation))).toEqual([]);
  });
});

/** Each example as the answer that it is of; those of older versions' errors left out. */
function exchangesOf(files: DocumentFiles): Exchange[] {
  return entries(dereference(files, 'swagger.json'), 'paths').flatMap(([template, item]) =>
    Object.entries(isObject(item) ? item : {}).flatMap(([method, operation]) =>
      entries(operation, 'responses').flatMap(([status, response]) =>
        entries(response, 'content').flatMap(([contentType, media]) =>
          examplesOf(media).map((example) => ({
            method: method.toUpperCase(),
            path: template.replace('{version}', '3').replaceAll(/[{}]/g, ''),
            status: status === 'default' ? 500 : Number(status),
            contentType,
            body: typeof example === 'string' ? example : JSON.stringify(example),
          })),
        ),
      ),
    ),
  );
}

function examplesOf(media: unknown): unknown[] {
  const named = entries(media, 'examples').filter(([name]) => !name.startsWith('Previous'));
  const values = named.map(([, example]) => isObject(example) && example.value);
  return isObject(media) && media.example !== undefined ? [media.example, ...values] : values;
}

function entries(node: unknown, key: string): [string, unknown][] {
  return isObject(node) ? Object.entries(objectAt(node, key)) : [];
}
