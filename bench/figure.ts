import { type Spread, spread } from './statistics.ts';

/** What is aimed at, of hop's own value or of its ratio to the peer's. */
export interface Goal {
  readonly of: 'hop' | 'ratio';
  readonly is: '≤' | '≥';
  readonly value: number;
}

/** One line of the table: what was measured, over all rounds. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly hop: Spread;
  readonly peer?: { readonly name: string; readonly value: Spread };
  /** hop's value as a multiple of the peer's, round by round. */
  readonly ratio?: Spread;
  readonly goal?: Goal;
}

export interface About {
  readonly what: string;
  readonly unit: string;
  readonly goal?: Goal | undefined;
}

/** Of hop alone: a value for each round. */
export function alone({ goal, ...about }: About, values: readonly number[]): Figure {
  return { ...about, hop: spread(values), ...(goal && { goal }) };
}

/** Of hop and its peer: for each round a value of both. */
export function versus(about: About, peer: string, rounds: readonly (readonly [hop: number, peer: number])[]): Figure {
  const { goal, ...figure } = alone(
    about,
    rounds.map(([hop]) => hop),
  );
  const ratios = rounds.map(([hop, value]) => hop / value);
  return {
    ...figure,
    peer: { name: peer, value: spread(rounds.map(([, value]) => value)) },
    // The kernel counts CPU in steps of 10 ms: next to nothing may be nothing.
    ...(ratios.every(Number.isFinite) && { ratio: spread(ratios) }),
    ...(goal && { goal }),
  };
}

/** Undefined where nothing was aimed at. */
export function isMet({ hop, ratio, goal }: Figure): boolean | undefined {
  const measured = goal?.of === 'ratio' ? ratio : hop;
  if (goal === undefined || measured === undefined) return undefined;
  return goal.is === '≤' ? measured.median <= goal.value : measured.median >= goal.value;
}
