/** What a call of the client library is refused with: it throws the problem itself, which is no Error. */
export async function problemOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return { unexpected: await call };
  } catch (problem) {
    if (problem instanceof Error) throw problem;
    return problem;
  }
}
