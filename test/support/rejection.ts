/**
 * The error that a promise rejects with. Instead of `expect(promise).rejects`, which in Bun 1.4.5 runs a nested event
 * loop until the promise settles: the test's timeout cannot end that wait, and a promise that settles only after this
 * turn of the loop hangs the whole run.
 */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`rejected with what is no Error: ${Bun.inspect(error)}`);
  }
  throw new Error('the promise was expected to reject');
}
