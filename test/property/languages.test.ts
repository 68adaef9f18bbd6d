import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { isInLanguageRange, normaliseLanguage, preferredLanguages } from '../../src/redirect/languages.ts';
import { anyText, holds } from '../support/property.ts';

const subtag = fc.stringMatching(/^[a-zA-Z]{1,8}$/);
const tag = fc.array(subtag, { minLength: 1, maxLength: 3 }).map((subtags) => subtags.join('-'));
const blank = fc.constantFrom('', ' ', '  ', '\t');
/** In thousandths; none given means 1. */
const quality = fc.option(fc.oneof(fc.nat(1000), fc.constantFrom(899, 900, 1000)), { nil: undefined });
const item = fc.record({ tag, quality, blank });

/** As RFC 9110 (12.4.2, 12.5.4) has it, with blanks wherever it allows them. */
function write(items: readonly { tag: string; quality: number | undefined; blank: string }[]): string {
  return items
    .map(({ tag, quality, blank }) =>
      quality === undefined
        ? `${blank}${tag}${blank}`
        : `${blank}${tag}${blank};${blank}q=${(quality / 1000).toFixed(3)}`,
    )
    .join(',');
}

test('the languages asked for with q from 0.9 on are preferred, in their order', () => {
  holds(fc.array(item, { maxLength: 8 }), (items) => {
    const wanted = items.filter(({ quality = 1000 }) => quality >= 900);
    expect(preferredLanguages(write(items))).toEqual(wanted.map(({ tag }) => tag.toLowerCase()));
  });
});

test('of any header, there are at most as many languages as items, all in the form in which they are compared', () => {
  holds(anyText, (header) => {
    const languages = preferredLanguages(header);
    expect(languages.length).toBeLessThanOrEqual(header.split(',').length);
    for (const language of languages) expect(normaliseLanguage(language)).toBe(language);
    expect(languages).not.toContain('*');
  });
});

test('a language is in a range when its first subtags are those of the range', () => {
  holds(tag, tag, (one, other) => {
    const [language, range] = [normaliseLanguage(one), normaliseLanguage(other)];
    const [subtags, asked] = [language.split('-'), range.split('-')];
    const byBook = asked.every((subtag, at) => subtags[at] === subtag);
    expect(isInLanguageRange(language, range)).toBe(byBook);
    expect(isInLanguageRange(`${range}-${language}`, range)).toBe(true);
  });
});
