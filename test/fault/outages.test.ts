import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import type postgres from 'postgres';
import { openSession, type Session } from '../../src/db/session.ts';
import { type Control, startControl } from './control.ts';
import { expectPromisesKept, type Fault, figures, sitOut } from './outage.ts';
import { type Stage, type StageOptions, setStage, terminateBackends } from './stage.ts';

interface Scenario extends Fault {
  readonly stage?: StageOptions;
  /** Codes that are not cached are found during this fault too. */
  readonly sparesLookups?: boolean;
}

/** Every fault that passes, with traffic before, during and after it. */
const FAULTS: Record<string, Scenario> = {
  'connections are refused': byProxy('refuse', 1_000),
  'the network swallows everything for a moment': byProxy('swallow', 300),
  'the network swallows everything': byProxy('swallow', 1_700),
  'the server closes connections while they start': byProxy('close', 1_000),
  'the server resets connections while they start': byProxy('reset', 1_000),
  'connections are reset again and again': repeatedly(async ({ proxy }) => proxy.resetAll()),
  'backends are terminated again and again': repeatedly(terminateBackends),
  'the server has no connection for us': limitedTo(0),
  'the server has few connections for us': limitedTo(2),
  'the server has no further connections for us': { ...limitedTo('what it has'), sparesLookups: true },
  'short_urls is locked': locked(),
};

let control: Control;
beforeAll(async () => {
  control = await startControl();
});
afterAll(() => control[Symbol.asyncDispose]());

for (const [name, fault] of Object.entries(FAULTS)) {
  const promise = `known codes redirect, others get a quick 503, and all is well soon after ${name}`;
  test.concurrent(promise, () => sitOutOnStage(name, fault));
}

async function sitOutOnStage(name: string, fault: Scenario): Promise<void> {
  await using stage = await setStage(fault.stage);
  const report = await sitOut(stage, fault, control);
  if (process.env.HOP_FAULT_FIGURES) console.log(`${name}: ${figures(report)}`);
  await expectPromisesKept(stage, report);
  if (fault.sparesLookups && report.isTimed) expect(report.failures.cold).toBeLessThan(5);
}

function byProxy(mode: 'refuse' | 'swallow' | 'close' | 'reset', lastsMs: number): Fault {
  return { lastsMs, begin: ({ proxy }) => proxy.become(mode), end: ({ proxy }) => proxy.become('forward') };
}

function repeatedly(strike: (stage: Stage) => Promise<unknown>): Fault {
  let timer: ReturnType<typeof setInterval>;
  return {
    lastsMs: 1_000,
    async begin(stage) {
      timer = setInterval(() => void strike(stage), 100);
      await strike(stage);
    },
    end: async () => clearInterval(timer),
  };
}

/** 53300: hop's role may have `count` connections, after those that it has were ended; or those that it has. */
function limitedTo(count: number | 'what it has'): Scenario {
  const role = `hop_test_${randomBytes(4).toString('hex')}`;
  const setLimit = (sql: postgres.Sql, limit: number) => sql.unsafe(`alter role ${role} connection limit ${limit}`);
  return {
    lastsMs: 1_000,
    stage: { role, opensAllConnections: count !== 'what it has' },
    async begin(stage) {
      await setLimit(stage.sql, count === 'what it has' ? 0 : count);
      if (count !== 'what it has') await terminateBackends(stage);
    },
    end: ({ sql }) => setLimit(sql, -1),
  };
}

function locked(): Fault {
  let session: Session;
  return {
    lastsMs: 1_500,
    async begin({ direct }) {
      session = await openSession(direct, { timeoutMs: 5_000 });
      await session.run('begin');
      await session.run('lock table short_urls in access exclusive mode');
    },
    end: () => session.close(),
  };
}
