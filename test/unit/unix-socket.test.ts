import { expect, test } from 'bun:test';
import { findPrimary } from '../../src/db/primary.ts';
import { rejection } from '../support/rejection.ts';

test('a unix socket that is not there is an error of the caller and nothing uncaught', async () => {
  const uncaught: Error[] = [];
  const note = (error: Error) => void uncaught.push(error);
  process.on('uncaughtException', note);
  try {
    const error = await rejection(findPrimary('postgres://hop@localhost/hop?host=/nonexistent', 1_000));
    expect(error).toMatchObject({ code: 'ENOENT' });
    await Bun.sleep(20);
    expect(uncaught).toEqual([]);
  } finally {
    process.off('uncaughtException', note);
  }
});
