import { Value } from '@sinclair/typebox/value';
import { findText, type Sources } from './environment.ts';
import { KINDS } from './kinds.ts';
import { VARIABLE_NAMES, type VariableName, type Variables, VariablesSchema, variable } from './variables.ts';

export interface Reading {
  /** What is given or the default; without meaning when there are problems. */
  readonly variables: Partial<Variables>;
  readonly problems: string[];
}

type Outcome = { readonly value: unknown } | { readonly problem: string };

/** Reads every variable and collects all that is wrong with any of them. */
export function readVariables(sources: Sources, required: readonly VariableName[]): Reading {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const name of VARIABLE_NAMES) {
    const outcome = readVariable(name, sources, required.includes(name));
    if ('problem' in outcome) problems.push(outcome.problem);
    else if (outcome.value !== undefined) values[name] = outcome.value;
  }
  return { variables: values, problems };
}

function readVariable(name: VariableName, sources: Sources, isRequired: boolean): Outcome {
  const found = findText(name, variable(name).secret === true, sources);
  if ('problem' in found) return found;
  if ('text' in found) return parse(name, found.text);
  return isRequired
    ? { problem: `${name} is not set and has no default, allowed is ${allowed(name)}` }
    : { value: variable(name).default };
}

function parse(name: VariableName, text: string): Outcome {
  const value = KINDS[variable(name).kind].parse(text, variable(name));
  if (value !== undefined && Value.Check(VariablesSchema.properties[name], value)) return { value };
  return { problem: `${name} is ${given(name, text)}, allowed is ${allowed(name)}` };
}

function given(name: VariableName, text: string): string {
  const { kind, secret } = variable(name);
  const shown = secret ? (KINDS[kind].mask?.(text) ?? '***') : text;
  return JSON.stringify(shown.length > 100 ? `${shown.slice(0, 100)}…` : shown);
}

function allowed(name: VariableName): string {
  return KINDS[variable(name).kind].allowed(variable(name));
}
