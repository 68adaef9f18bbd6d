import Bowser from 'bowser';
import { isbot } from 'isbot';
import { Generations } from './generations.ts';

/** What a User-Agent header says, in the words of redirect rules and statistics; lower case, empty when unknown. */
export interface UserAgent {
  readonly isBot: boolean;
  /** `mobile` for android and ios, `desktop` for windows, macos, linux and chromeos, else what the parser says. */
  readonly device: string;
  /** `chrome`, `firefox`, `edge`, `safari`, `opera`, `android_browser`, or the name of another. */
  readonly browser: string;
  /** `android`, `ios`, `windows`, `macos`, `linux`, `chromeos`, or the name of another. */
  readonly os: string;
}

/** Parsing a new one takes 10 µs, finding a known one 0.1; half of these are always kept. */
const CACHED = 20_000;
const cache = new Generations<UserAgent>(CACHED);

/** Never throws, whatever the header holds. */
export function parseUserAgent(header: string): UserAgent {
  return cache.get(header, parse);
}

function parse(header: string): UserAgent {
  const { browser, os, platform } = parsed(header);
  const osWord = word(os);
  return {
    isBot: isbot(header),
    device: DEVICES.get(osWord) ?? platform.toLowerCase(),
    browser: word(browser),
    os: osWord,
  };
}

const UNKNOWN = { browser: '', os: '', platform: '' };

/** The parser refuses an empty header with an exception. */
function parsed(header: string): typeof UNKNOWN {
  try {
    const { browser, os, platform } = Bowser.parse(header);
    return { browser: browser.name ?? '', os: os.name ?? '', platform: platform.type ?? '' };
  } catch {
    return UNKNOWN;
  }
}

/** What the parser does not know, it names as the header does: anything at all. */
function word(name: string): string {
  const known = WORDS.get(name) ?? name.toLowerCase();
  return PLAUSIBLE.test(known) ? known : '';
}

const PLAUSIBLE = /^[a-z][a-z0-9 ._+-]{0,39}$/;

/** The parser's names that are not our words in another case. */
const WORDS = new Map([
  ['Microsoft Edge', 'edge'],
  ['Android Browser', 'android_browser'],
  ['Opera Touch', 'opera'],
  ['Chrome OS', 'chromeos'],
]);

const DEVICES = new Map([
  ['android', 'mobile'],
  ['ios', 'mobile'],
  ['windows', 'desktop'],
  ['macos', 'desktop'],
  ['linux', 'desktop'],
  ['chromeos', 'desktop'],
]);
