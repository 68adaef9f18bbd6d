import { KINDS } from './kinds.ts';
import { SECTIONS, type VariableName, type Variables, variable } from './variables.ts';

/** A variable's text as it may be shown to anybody; undefined when it has no value. */
export function printVariable(name: VariableName, value: Variables[VariableName]): string | undefined {
  if (value === undefined) return undefined;
  const { kind, secret } = variable(name);
  const { print = String, mask = () => '***' } = KINDS[kind];
  return secret ? mask(print(value)) : print(value);
}

/** The README's section on configuration: a table for each group of variables. */
export function markdownTables(): string {
  return Object.entries(SECTIONS)
    .map(([title, variables]) => table(title, Object.keys(variables) as VariableName[]))
    .join('\n');
}

function table(title: string, names: readonly VariableName[]): string {
  return [
    `### ${title}`,
    '',
    '| Variable | Default | Allowed | Meaning |',
    '| --- | --- | --- | --- |',
    ...names.map(row),
    '',
  ].join('\n');
}

function row(name: VariableName): string {
  const { kind, description, secret } = variable(name);
  const names = secret ? `\`${name}\`, \`${name}_FILE\`` : `\`${name}\``;
  return `| ${names} | ${defaultText(name)} | ${KINDS[kind].allowed(variable(name))} | ${description} |`;
}

function defaultText(name: VariableName): string {
  const { derived, default: value, kind } = variable(name);
  if (derived !== undefined) return derived;
  return value === undefined ? 'not set' : `\`${(KINDS[kind].print ?? String)(value)}\``;
}
