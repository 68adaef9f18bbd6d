import { expect } from 'bun:test';

/**
 * Checks that an answer of `POST /` refuses: the status, exactly the shape of the service that hop replaces, and one
 * sentence that tells nothing of our insides. Resolves with the sentence.
 */
export async function expectRefusal(answer: Response, status: number, about: string): Promise<string> {
  const body: unknown = await answer.json();
  expect({ status: answer.status, body }).toEqual({
    status,
    body: { status: 'error', message: { [about]: expect.any(String) } },
  });
  expect(answer.headers.get('content-type')).toStartWith('application/json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { message } = body as { message: Record<string, string> };
  const sentence = message[about] ?? '';
  expect(sentence).not.toMatch(/\b(select|insert|relation|column|postgres|undefined|null|object)\b|error:|\.ts|\n/i);
  return sentence;
}
