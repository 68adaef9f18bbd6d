import { expect } from 'bun:test';
import { until } from '../process/fixtures/programs.ts';
import type { Control } from './control.ts';
import type { Stage } from './stage.ts';
import { isBad, type Kind, type Sample, Traffic } from './traffic.ts';

export interface Fault {
  begin(stage: Stage): Promise<unknown>;
  end(stage: Stage): Promise<unknown>;
  readonly lastsMs: number;
}

export interface OutageReport {
  readonly samples: readonly Sample[];
  /** From the end of the fault to the last request, begun after it, that failed or was slow. */
  readonly recoveryMs: Readonly<Record<Kind, number>>;
  readonly worstMs: Readonly<Record<Kind, number>>;
  readonly failures: Readonly<Record<Kind, number>>;
  /** Whether the machine had time for hop, so that what was slow was so because of the fault. */
  readonly isTimed: boolean;
}

/** The lookup deadline, with what a busy machine adds. */
const COLD_MAX_MS = 600;
const WRITE_MAX_MS = 5_000 + 1_500;
const RECOVERY_MAX_MS = 2_000 + 500;
const QUIET_MS = 600;
/** An answer of normal times takes some milliseconds. */
const SLOW_MS = 500;
/** A machine that makes a well hop wait as long makes lookups miss their deadline without any fault. */
const LATE_MS = 250;
const KINDS = ['warm', 'cold', 'create'] as const satisfies Kind[];

/** Traffic before, during and after a fault. */
export async function sitOut(
  stage: Stage,
  { begin, end, lastsMs }: Fault,
  control: Pick<Control, 'worstMs'>,
): Promise<OutageReport> {
  const traffic = new Traffic(stage.web);
  const beganAtMs = performance.now();
  await Bun.sleep(150);
  await untilServed(traffic, beganAtMs);
  await begin(stage);
  await Bun.sleep(lastsMs);
  await end(stage);
  const endedAtMs = performance.now();
  await traffic.calm(QUIET_MS, RECOVERY_MAX_MS + 3_000);
  await untilServed(traffic, endedAtMs); // else it never recovers
  await traffic.stop();
  const machineMs = control.worstMs(beganAtMs, performance.now());
  return { ...report(traffic.samples, endedAtMs), isTimed: machineMs < LATE_MS };
}

/** What hop promises about every fault. Errors that nobody catches fail the run by themselves: `bun test` counts them. */
export async function expectPromisesKept(stage: Stage, outage: OutageReport): Promise<void> {
  const { samples, isTimed } = outage;
  expect(samples.filter((sample) => sample.kind === 'warm' && isBad(sample))).toEqual([]);
  expect(samples.filter(isBad).filter(isUnclear)).toEqual([]);
  if (isTimed) expectPromptness(outage);
  else console.log('not timed: the machine has too much else to do');
  expect(stage.web.fatal).toEqual([]);
  await expectCreatesStoredOnce(stage, samples);
}

function expectPromptness({ recoveryMs, worstMs }: OutageReport): void {
  expect(worstMs.warm).toBeLessThan(COLD_MAX_MS);
  expect(worstMs.cold).toBeLessThan(COLD_MAX_MS);
  expect(worstMs.create).toBeLessThan(WRITE_MAX_MS);
  expect(Math.max(...Object.values(recoveryMs))).toBeLessThan(RECOVERY_MAX_MS);
}

/** Every acknowledged code leads to its URL, and no URL has two codes. */
async function expectCreatesStoredOnce({ sql, web }: Stage, samples: readonly Sample[]): Promise<void> {
  const rows = await sql<{ shortCode: string; longUrl: string }[]>`
    select short_code as "shortCode", long_url as "longUrl" from short_urls where long_url like 'https://example.com/n/%'`;
  const stored = new Map(rows.map(({ shortCode, longUrl }) => [longUrl, shortCode]));
  expect(rows.length).toBe(stored.size);
  const acknowledged = samples.filter((sample) => sample.kind === 'create' && !isBad(sample));
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(acknowledged.filter((sample) => `/${stored.get(sample.subject)}` !== pathOf(sample))).toEqual([]);
  for (const sample of acknowledged.slice(-5)) {
    const lead = () => web.get(pathOf(sample));
    await until(async () => (await lead()).status !== 503); // by the deadline of lookups, which this is not about
    expect((await lead()).headers.get('location')).toBe(sample.subject);
  }
}

/** Waits until each kind of request that began later than at `fromMs` has got what it came for. */
function untilServed({ samples }: Traffic, fromMs: number): Promise<void> {
  const isServed = (kind: Kind) =>
    samples.some((sample) => sample.kind === kind && sample.startedAtMs > fromMs && !isBad(sample));
  return until(() => KINDS.every(isServed));
}

function pathOf({ answer }: Sample): string {
  return answer instanceof Error ? '' : new URL(answer.headers.get('location') ?? '').pathname;
}

/** Anything but a 503 that says when to come back. */
function isUnclear({ kind, answer }: Sample): boolean {
  if (answer instanceof Error || answer.status !== 503 || answer.headers.get('retry-after') === null) return true;
  const type = kind === 'create' ? 'application/json' : 'application/problem+json';
  return !answer.headers.get('content-type')?.startsWith(type);
}

function isBadOrSlow(sample: Sample): boolean {
  return isBad(sample) || (!(sample.answer instanceof Error) && sample.answer.ms > SLOW_MS);
}

/** A line for people. */
export function figures({ recoveryMs, worstMs, failures }: OutageReport): string {
  const line = (numbers: Readonly<Record<Kind, number>>) =>
    `${Math.round(numbers.warm)}/${Math.round(numbers.cold)}/${Math.round(numbers.create)}`;
  return `recovery ${line(recoveryMs)} ms, worst ${line(worstMs)} ms, failed ${line(failures)} (warm/cold/create)`;
}

function report(samples: readonly Sample[], endedAtMs: number): Omit<OutageReport, 'isTimed'> {
  const by = (measure: (samples: Sample[]) => number) => ({
    warm: measure(samples.filter(({ kind }) => kind === 'warm')),
    cold: measure(samples.filter(({ kind }) => kind === 'cold')),
    create: measure(samples.filter(({ kind }) => kind === 'create')),
  });
  return {
    samples,
    recoveryMs: by((some) =>
      Math.max(0, ...some.filter(isBadOrSlow).map(({ startedAtMs }) => startedAtMs - endedAtMs)),
    ),
    worstMs: by((some) => Math.max(0, ...some.map(({ answer }) => (answer instanceof Error ? Infinity : answer.ms)))),
    failures: by((some) => some.filter(isBad).length),
  };
}
