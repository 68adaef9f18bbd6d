import { type TLiteral, type TSchema, Type } from '@sinclair/typebox';

/** How a variable's text is read, checked and printed: the entries of KINDS. */
export type KindName =
  | 'integer'
  | 'bytes'
  | 'boolean'
  | 'choice'
  | 'networks'
  | 'address-patterns'
  | 'product-tokens'
  | TextKind;
type TextKind =
  | 'authority'
  | 'host'
  | 'unix-socket'
  | 'postgres-url'
  | 'http-url'
  | 'origin'
  | 'api-key'
  | 'path'
  | 'parameter';

/** What a variable's schema says beside its type: keywords that JSON Schema ignores, and those that we read back. */
export interface Variable {
  readonly kind: KindName;
  readonly description: string;
  readonly default?: unknown;
  /** In place of `default` where that depends on other variables: the rule in words, as Markdown. */
  readonly derived?: string;
  readonly unit?: 'milliseconds' | 'seconds';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly (string | number)[];
  /** Masked wherever it is shown, and readable from a file by `NAME_FILE`. */
  readonly secret?: true;
}

type Options<T> = Pick<Variable, 'description' | 'derived' | 'secret'> & { readonly default?: T };
type Bounds = { readonly minimum: number; readonly maximum: number };
type Bounded = Options<number> & Bounds & ({ readonly default: number } | { readonly derived: string });

export const integer = (options: Options<number> & Bounds) => variable(Type.Integer(), { ...options, kind: 'integer' });

export const milliseconds = (options: Bounded) =>
  variable(Type.Integer(), { ...options, kind: 'integer', unit: 'milliseconds' });

export const seconds = (options: Bounded) => variable(Type.Integer(), { ...options, kind: 'integer', unit: 'seconds' });

export const bytes = (options: Bounded) => variable(Type.Integer(), { ...options, kind: 'bytes' });

export const boolean = (options: Options<boolean>) => variable(Type.Boolean(), { ...options, kind: 'boolean' });

export const text = (kind: TextKind, options: Options<string>) => variable(Type.String(), { ...options, kind });

export const networks = (options: Options<string[]>) =>
  variable(Type.Array(Type.String()), { ...options, kind: 'networks' });

export const addressPatterns = (options: Options<string[]>) =>
  variable(Type.Array(Type.String()), { ...options, kind: 'address-patterns' });

export const productTokens = (options: Options<string[]>) =>
  variable(Type.Array(Type.String()), { ...options, kind: 'product-tokens' });

export function choice<const T extends string | number>(choices: readonly T[], options: Options<T>) {
  const literals: TLiteral<T>[] = choices.map((value) => Type.Literal(value));
  return variable(Type.Union(literals), { ...options, kind: 'choice', choices });
}

function variable<S extends TSchema>(schema: S, keywords: Variable): S & Variable {
  return { ...schema, ...keywords };
}
