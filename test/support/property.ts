import fc from 'fast-check';

/**
 * So many examples for each property. They are the same in every run, so that nobody meets a failure that is not theirs;
 * a hunt (`PROPERTY_ROUNDS=100000 bun run test test/property`) begins with a seed of its own, which a failure names.
 */
const { PROPERTY_ROUNDS = '200', PROPERTY_SEED = process.env.PROPERTY_ROUNDS ? undefined : '8' } = process.env;

/** Whether somebody has time: then everything is tried. */
export const isHunt = process.env.PROPERTY_ROUNDS !== undefined;

fc.configureGlobal({
  numRuns: Number(PROPERTY_ROUNDS),
  ...(PROPERTY_SEED !== undefined && { seed: Number(PROPERTY_SEED) }),
});

/** Fails with the smallest example, its seed and its path if there is one for which `check` throws. */
export function holds<T extends [unknown, ...unknown[]]>(
  ...property: [...{ [I in keyof T]: fc.Arbitrary<T[I]> }, (...values: T) => void]
): void {
  fc.assert(fc.property(...(property as unknown as Parameters<typeof fc.property<T>>)));
}

/** Texts that have broken a parser somewhere: controls, ends of lines, odd Unicode, escapes good and bad, separators. */
const CONTROLS = [
  '',
  ' ',
  '\0',
  '\r\n',
  '\n',
  '\t',
  '\x0b',
  '\x1f',
  '\x7f',
  '\x85',
  '\xa0',
  '\u2028',
  '\u202e',
  '\ufeff',
];
const UNICODE = '\ud800 \udfff \ud83d\ude00 é e\u0301 İ ß ﬃ 。 日本 \u200d \u{e0001} \ufffd \uffff'.split(' ');
const ESCAPES = '% %2 %ZZ %00 %0d%0a %2F %2f %5C %25 %C3%A9 %c0%af %ED%A0%80 %FF %u0041 %2e%2e'.split(' ');
const SEPARATORS = `/ \\ .. . # ? & = + ; , : @ " ' < > [ ] { } * |`.split(' ');
const WORDS = 'a Z 0 -1 1e9 NaN null __proto__ constructor toString http:// javascript: q=0.9'.split(' ');

export const NASTY_PIECES: readonly string[] = [...CONTROLS, ...UNICODE, ...ESCAPES, ...SEPARATORS, ...WORDS];

/** Any UTF-16 units, lone surrogates among them. */
const anyUnits = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 40 });

/** What nobody would type: anything at all, mostly put together of {@link NASTY_PIECES}. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...NASTY_PIECES), { maxLength: 12 }).map((all) => all.join('')) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 300 }) },
  { weight: 1, arbitrary: anyUnits },
);
