import { AppError } from '../lib/errors.ts';

/**
 * The body as text, at most `maxBytes` of it. Errors: `payload-too-large`, `malformed-request-body` when it ends early.
 * Counted here because Bun answers at its own limit without a body.
 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const announced = request.headers.get('content-length');
  if (announced !== null && Number(announced) > maxBytes) throw tooLarge(maxBytes);
  try {
    if (announced !== null || request.body === null) return await request.text();
    return await readChunks(request.body, maxBytes);
  } catch (error) {
    throw error instanceof AppError ? error : endedEarly(error);
  }
}

async function readChunks(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('payload-too-large', `The request body is larger than ${maxBytes} bytes: send less.`);
}

/** Mostly, nobody is there any more to read this; it keeps clients that went away out of the log of our own errors. */
function endedEarly(cause: unknown): AppError {
  return new AppError('malformed-request-body', 'The request body ended before it was complete.', { cause });
}
