import { stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Glob } from 'bun';

/** JSON files by their path within the folder, such as `paths/health.json`. */
export type DocumentFiles = Readonly<Record<string, unknown>>;

export type JsonObject = Readonly<Record<string, unknown>>;

/** The documents of REST API v3 lie beside the project and are no part of it. */
const FOLDER = join(import.meta.dir, '../../../shared/rest-v3');

/** Undefined where the documents are missing, as in a clone of the project alone. */
export async function readRestDocuments(): Promise<DocumentFiles | undefined> {
  const found = await stat(FOLDER).catch(() => undefined);
  return found?.isDirectory() ? readFiles(FOLDER) : undefined;
}

async function readFiles(folder: string): Promise<DocumentFiles> {
  const paths = await Array.fromAsync(new Glob('**/*.json').scan(folder));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await Bun.file(join(folder, path)).json()])),
  );
}

/** What a file says with every `$ref` to another file replaced by what it refers to. The files must not form a cycle. */
export function dereference(files: DocumentFiles, path: string): unknown {
  if (!(path in files)) throw new Error(`the documents refer to ${path}, which is missing`);
  const resolve = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(resolve);
    if (!isObject(node)) return node;
    if (typeof node.$ref === 'string') return dereference(files, posix.join(posix.dirname(path), node.$ref));
    return mapValues(node, resolve);
  };
  return resolve(files[path]);
}

export function isObject(node: unknown): node is JsonObject {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

/** A member that has to be an object; absent ones are empty. */
export function objectAt(node: JsonObject, key: string): JsonObject {
  const value = node[key];
  return isObject(value) ? value : {};
}

export function mapValues(node: JsonObject, change: (value: unknown, key: string) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, change(value, key)]));
}
