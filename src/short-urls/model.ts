import { type Static, Type } from '@sinclair/typebox';

/** Body of `POST /`. What the URL must look like is decided by the long URL policy, not by a format. */
export const ShortenBody = Type.Object({ url: Type.String() });

export const ShortenResult = Type.Object({ shortened_url: Type.String() });
export type ShortenResult = Static<typeof ShortenResult>;

/** Errors of `POST /`: a sentence under the name of what is wrong, `url` or `api_key` or `request`. */
export const ShortenError = Type.Object({
  status: Type.Literal('error'),
  message: Type.Record(Type.String(), Type.String()),
});
export type ShortenError = Static<typeof ShortenError>;
