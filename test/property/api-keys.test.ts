import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { generateApiKey, isMistyped, looksGenerated } from '../../src/api-keys/key-text.ts';
import { ApiKeyService, hashApiKey } from '../../src/api-keys/service.ts';
import type { AppError } from '../../src/lib/errors.ts';
import { anyText, holds } from '../support/property.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIX_LENGTH = 'hop_'.length;
const key = fc.constant(null).map(generateApiKey);
const place = fc.nat(35).map((at) => PREFIX_LENGTH + at);

test('a generated key is known as one', () => {
  holds(key, (text) => {
    expect([looksGenerated(text), isMistyped(text)]).toEqual([true, false]);
    expect(text).toMatch(/^[\x21-\x7e]{40}$/);
  });
});

test('a key with one character wrong is mistyped', () => {
  holds(key, place, fc.constantFrom(...BASE62), (text, at, character) => {
    const typed = text.slice(0, at) + character + text.slice(at + 1);
    expect(isMistyped(typed)).toBe(typed !== text);
  });
});

test('a key with two neighbours swapped is mistyped', () => {
  holds(key, place, (text, at) => {
    const typed =
      text.slice(0, at) +
      text
        .slice(at, at + 2)
        .split('')
        .reverse()
        .join('') +
      text.slice(at + 2);
    expect(isMistyped(typed)).toBe(typed !== text);
  });
});

test('a key cut or lengthened is none of ours', () => {
  holds(key, fc.nat(39), anyText, (text, length, more) => {
    expect(looksGenerated(text.slice(0, length))).toBe(false);
    if (more !== '') expect(looksGenerated(text + more)).toBe(false);
  });
});

test('any text has a hash, and another one another hash', () => {
  holds(anyText, anyText, (one, other) => {
    expect(hashApiKey(one)).toHaveLength(32);
    const isSame = one.toWellFormed() === other.toWellFormed();
    expect(hashApiKey(one).equals(hashApiKey(other))).toBe(isSame);
    expect(isMistyped(one) && !looksGenerated(one)).toBe(false);
  });
});

test('only the hash of a key is ever looked for, so that no time tells how much of a text is right', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        key,
        anyText.filter((text) => text !== ''),
      ),
      async (text) => {
        const asked: Buffer[] = [];
        const service = new ApiKeyService(async (hash) => {
          asked.push(hash);
          return undefined;
        });
        const refused = await service.authenticate(text).catch((error: AppError) => error.code);
        expect(refused).toBe('invalid-api-key');
        expect(asked).toEqual(isMistyped(text) ? [] : [createHash('sha256').update(text, 'utf8').digest()]);
      },
    ),
  );
});
