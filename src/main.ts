#!/usr/bin/env bun
import { CommandError, EXIT, print, type Verbs } from './commands/command.ts';
import { describeCommand, describeVerbs, HELP_FLAG, helpCommand, loadCommand } from './commands/help.ts';
import { ConfigError } from './config/error.ts';
import { ArgumentsError, parseArguments } from './lib/args.ts';

// Literal paths, so that `bun build --compile` finds them; loaded on demand, so that `hop version` answers at once.
const verbs: Verbs = {
  start: () => import('./commands/start.ts'),
  serve: () => import('./commands/serve.ts'),
  web: () => import('./commands/web.ts'),
  recorder: () => import('./commands/recorder.ts'),
  migrate: () => import('./commands/migrate.ts'),
  key: () => import('./commands/key.ts'),
  codes: () => import('./commands/codes.ts'),
  config: () => import('./commands/config.ts'),
  health: () => import('./commands/health.ts'),
  version: () => import('./commands/version.ts'),
  help: async () => ({ command: helpCommand(verbs) }),
};

const aliases = new Map([
  ['--help', 'help'],
  ['-h', 'help'],
  ['--version', 'version'],
  ['-v', 'version'],
]);

const [verb, ...argv] = process.argv.slice(2);
process.exit(verb === undefined ? await refuse() : await run(aliases.get(verb) ?? verb, argv));

/** Runs one command; resolves with the exit code and never rejects. */
async function run(verb: string, argv: readonly string[]): Promise<number> {
  try {
    const command = await loadCommand(verbs, verb);
    const parsed = parseArguments(argv, { ...command.flags, ...HELP_FLAG }, command.maxPositionals);
    if (parsed.flags.help !== true) return await command.run(parsed);
    await print(describeCommand(verb, command));
    return EXIT.ok;
  } catch (error) {
    process.stderr.write(`hop ${verb}: ${explain(error, verb)}\n`);
    return exitCode(error);
  }
}

/** A container started without a command must not look as if it had ended well. */
async function refuse(): Promise<number> {
  process.stderr.write(await describeVerbs(verbs));
  return EXIT.usage;
}

/** A message where it is the user's to mend, a stack trace where it is ours. */
function explain(error: unknown, verb: string): string {
  if (error instanceof ArgumentsError) return `${error.message}; "hop ${verb} --help" shows its usage`;
  return error instanceof ConfigError || error instanceof CommandError ? error.message : Bun.inspect(error);
}

function exitCode(error: unknown): number {
  if (error instanceof ArgumentsError) return EXIT.usage;
  if (error instanceof ConfigError) return EXIT.config;
  return error instanceof CommandError ? error.exitCode : EXIT.failure;
}
