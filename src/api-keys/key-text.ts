import { crc32 } from 'node:zlib';
import { secureRandomBelow } from '../codes/random.ts';

// A generated key: `hop_`, 30 random base62 characters (178 bits), 6 of checksum: the form of GitHub's tokens
// (https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/), so that scanners for leaked
// secrets find it and typos are seen without a look into the database.
const PREFIX = 'hop_';
const RANDOM_LENGTH = 30;
/** 62^6 is more than the 2^32 values of a CRC-32. */
const CHECKSUM_LENGTH = 6;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const GENERATED = new RegExp(`^${PREFIX}[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}$`);

/** A new key. */
export function generateApiKey(): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () => BASE62.charAt(secureRandomBelow(BASE62.length)));
  const body = PREFIX + random.join('');
  return body + checksum(body);
}

/** Whether a text has the form of our own keys, right or mistyped. Imported keys may have any other. */
export function looksGenerated(key: string): boolean {
  return GENERATED.test(key);
}

/**
 * Whether a text has the form of our own keys and a wrong checksum, so that no such key can exist. A CRC-32 sees every
 * wrong character and every two that are swapped.
 */
export function isMistyped(key: string): boolean {
  return looksGenerated(key) && checksum(key.slice(0, -CHECKSUM_LENGTH)) !== key.slice(-CHECKSUM_LENGTH);
}

function checksum(text: string): string {
  let [rest, digits] = [crc32(text), ''];
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
