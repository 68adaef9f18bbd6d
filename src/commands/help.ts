import type { Flags } from '../lib/args.ts';
import { type Command, CommandError, defineCommand, EXIT, print, type Verbs } from './command.ts';

/** Every command understands it. */
export const HELP_FLAG = { help: { type: 'boolean', short: 'h', description: 'Show this' } } as const satisfies Flags;

/** `hop help`: needs the table that it stands in, so that it can show the others. */
export function helpCommand(verbs: Verbs): Command {
  return defineCommand({
    summary: 'Show the commands, or the usage of one',
    usage: '[COMMAND]',
    flags: {},
    maxPositionals: 1,
    async run({ positionals: [verb] }) {
      await print(
        verb === undefined ? await describeVerbs(verbs) : describeCommand(verb, await loadCommand(verbs, verb)),
      );
      return EXIT.ok;
    },
  });
}

/** @throws CommandError when there is no such verb */
export async function loadCommand(verbs: Verbs, verb: string): Promise<Command> {
  const load = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (load === undefined)
    throw new CommandError(`There is no command "${verb}"; "hop help" shows them all`, EXIT.usage);
  return (await load()).command;
}

/** The text of `hop help`. */
export async function describeVerbs(verbs: Verbs): Promise<string> {
  const commands = await Promise.all(
    Object.keys(verbs).map(async (verb) => [verb, await loadCommand(verbs, verb)] as const),
  );
  return `A URL shortener whose redirect never waits.

Usage: hop COMMAND [FLAGS]

${columns(commands.map(([verb, { summary }]) => [verb, summary]))}

"hop COMMAND --help" shows a command's flags, "hop config" the settings that it would run with.
Exit codes: 0 done, 1 failed, 2 not understood, 78 wrong configuration.
`;
}

/** The text of `hop VERB --help`. */
export function describeCommand(verb: string, { summary, usage, flags }: Command): string {
  return `${summary}.

Usage: ${`hop ${verb} ${usage}`.trimEnd()}

${columns(Object.entries({ ...flags, ...HELP_FLAG }).map(describeFlag))}
`;
}

function describeFlag([name, { type, short, description }]: [string, Flags[string]]): [string, string] {
  return [`${short ? `-${short}, ` : ''}--${name}${type === 'string' ? '=VALUE' : ''}`, description];
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
