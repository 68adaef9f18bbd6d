/** The command line that runs a verb of this program: from source by this Bun, or of this very binary. */
export function ownCommand(verb: string, flags: readonly string[] = []): string[] {
  const program = Bun.isStandaloneExecutable ? [process.execPath] : [process.execPath, Bun.main];
  return [...program, verb, ...flags];
}
