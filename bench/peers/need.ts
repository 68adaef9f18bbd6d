/** Where each program is found on Debian and its relatives. */
const PACKAGES = { wrk: 'wrk', nginx: 'nginx-light', taskset: 'util-linux', setpriv: 'util-linux' } as const;

/** What is needed is not installed; the message says what to do. */
export class MissingPeerError extends Error {
  override readonly name = 'MissingPeerError';
}

/** The path of a program. @throws MissingPeerError */
export function need(program: keyof typeof PACKAGES): string {
  // Ordinary users have no sbin on their path.
  const path = Bun.which(program, { PATH: `${process.env.PATH}:/usr/sbin:/sbin` });
  if (path !== null) return path;
  throw new MissingPeerError(
    `This benchmark needs ${program}, which is not installed. On Debian: apt-get install ${PACKAGES[program]}`,
  );
}
