/** Prints what a test of test/fault-full has measured, as one line. */
export function printFigures(title: string, figures: Readonly<Record<string, unknown>>): void {
  const texts = Object.entries(figures).map(([name, value]) => `${name} ${rounded(value)}`);
  console.log(`${title}: ${texts.join(', ')}`);
}

function rounded(value: unknown): string {
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}

/** How many rounds: FAULT_ROUNDS, else `full` in `bun run test:fault`, else `usual`. */
export function faultRounds(usual: number, full = usual): number {
  return Number(process.env.FAULT_ROUNDS || (process.env.FAULT_FULL ? full : usual));
}
