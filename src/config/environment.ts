import { readFileSync } from 'node:fs';
import type { VariableName } from './variables.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the texts of variables come from; `overrides` (flags of the command line) win over the environment. */
export interface Sources {
  readonly environment: Environment;
  readonly overrides: Environment;
}

/** A variable's text and its source, or why it cannot be had. */
export type Found =
  | { readonly source: 'flag' | 'environment' | 'file'; readonly text: string }
  | { readonly source: 'default' }
  | { readonly problem: string };

/**
 * Looks a variable up. An empty text counts as not set, as Compose files produce it. Secrets may stand in the file
 * that `NAME_FILE` names instead, as Docker and Kubernetes mount them.
 */
export function findText(name: VariableName, isSecret: boolean, { environment, overrides }: Sources): Found {
  const override = overrides[name];
  if (override) return { source: 'flag', text: override };
  const text = environment[name];
  const path = isSecret ? environment[`${name}_FILE`] : undefined;
  if (text && path) return { problem: `${name} and ${name}_FILE are both set, allowed is one of them` };
  if (path) return readSecret(`${name}_FILE`, path);
  return text ? { source: 'environment', text } : { source: 'default' };
}

function readSecret(name: string, path: string): Found {
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return text ? { source: 'file', text } : { problem: `${name} is "${path}", which is empty` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: `${name} is "${path}", which cannot be read (${code})` };
  }
}
