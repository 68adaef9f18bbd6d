import { Type } from '@sinclair/typebox';
import { boolean, choice, productTokens, seconds, text } from './schema.ts';

/** How short URLs, and what is none, are redirected. Names are Shlink's. */
export const redirects = {
  REDIRECT_STATUS_CODE: choice([301, 302, 307, 308], {
    default: 302,
    description: 'Status of a redirect. With 307 and 308 methods other than GET and HEAD redirect as well.',
  }),
  REDIRECT_CACHE_LIFETIME: seconds({
    default: 30,
    minimum: 0,
    maximum: 31_536_000,
    description: 'How long clients may cache a permanent redirect (301, 308).',
  }),
  REDIRECT_CACHE_VISIBILITY: choice(['private', 'public'], {
    default: 'private',
    description: 'Whether only browsers or shared caches too may cache a permanent redirect.',
  }),
  REDIRECT_EXTRA_PATH_MODE: choice(['default', 'append', 'ignore'], {
    default: 'default',
    description:
      'What `/code/more` is: not found, or the short URL `code`, with `/more` appended to the path of its target or left out.',
  }),
  SHORT_URL_TRAILING_SLASH: boolean({ default: false, description: 'Whether `/code/` leads where `/code` does.' }),
  DEFAULT_BASE_URL_REDIRECT: notFoundRedirect('the bare domain'),
  DEFAULT_INVALID_SHORT_URL_REDIRECT: notFoundRedirect('an unknown short code'),
  DEFAULT_REGULAR_404_REDIRECT: notFoundRedirect('any other path that does not exist'),
  ROBOTS_ALLOW_ALL_SHORT_URLS: boolean({
    default: false,
    description: 'Whether robots.txt allows all short URLs, rather than those that are crawlable.',
  }),
  ROBOTS_USER_AGENTS: productTokens({ default: ['*'], description: 'Crawlers that robots.txt is for.' }),
};

function notFoundRedirect(what: string) {
  const description = `Where to redirect a request for ${what}, instead of a 404; \`{DOMAIN}\` and \`{ORIGINAL_PATH}\` in it stand for those asked for.`;
  return Type.Optional(text('http-url', { description }));
}
