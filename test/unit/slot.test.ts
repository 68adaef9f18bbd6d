import { expect, test } from 'bun:test';
import { createLogger } from '../../src/observability/log.ts';
import { Child } from '../../src/supervisor/child.ts';
import { Slot } from '../../src/supervisor/slot.ts';
import { until } from '../process/fixtures/programs.ts';

const LIMITS = { delayMs: 0, withinMs: 100 };

/** A slot whose processes do nothing; `spawn` is asked before each. */
function slot(spawn: () => void, hopeless?: string): Slot {
  const log = createLogger('silent');
  return new Slot({
    log,
    spawn() {
      spawn();
      const command = ['sleep', '100'];
      return new Child({ role: 'web', index: 1, command, environment: {}, log, stuckAfterMs: 60_000 });
    },
    hopeless: () => hopeless,
    onHopeless: () => {},
  });
}

test('a process that the system refuses to start is tried again, and costs nothing else', async () => {
  let attempts = 0;
  const place = slot(() => {
    if (++attempts === 2) throw new Error('EAGAIN');
  });
  const first = place.start();
  process.kill(first.pid, 'SIGKILL');
  await until(() => place.current !== undefined && place.current !== first);
  expect([attempts, place.restarts]).toEqual([3, 1]);
  place.kill();
});

test('a replacement that the system refuses to start leaves the process as it is', async () => {
  let attempts = 0;
  const place = slot(() => {
    if (++attempts > 1) throw new Error('EAGAIN');
  });
  const first = place.start();
  expect(await place.replace(LIMITS)).toBe(false);
  expect([place.current === first, first.isAlive]).toEqual([true, true]);
  place.kill();
});

test('last work is done by one more process where one waits to be started again', async () => {
  let attempts = 0;
  const place = slot(() => void attempts++);
  process.kill(place.start().pid, 'SIGKILL');
  await until(() => place.current === undefined);
  await place.stop(LIMITS, { hasLastWork: true });
  expect(attempts).toBe(2);
});

test('last work is not tried where starting a process again is hopeless', async () => {
  let attempts = 0;
  const place = slot(() => void attempts++, 'bad configuration');
  process.kill(place.start().pid, 'SIGKILL');
  await until(() => place.current === undefined);
  await place.stop(LIMITS, { hasLastWork: true });
  expect(attempts).toBe(1);
});
