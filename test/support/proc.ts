import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4_096;

/** What a process takes of the machine's memory, in MiB. */
export function rssMiB(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ');
  return (Number(pages) * PAGE_BYTES) / 1_048_576;
}

/** Files, sockets and pipes that it has open. */
export function handlesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
