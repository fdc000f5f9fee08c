import { randomInt } from "node:crypto";

/** What a run depends on, besides the machine. `HOOKWRIGHT_SEED` repeats one. */
export const seed = Number(process.env["HOOKWRIGHT_SEED"] ?? randomInt(2 ** 31));

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes of any value, the same for the same seed. */
export function randomBytesFrom(start: number, length: number): Buffer {
  const random = randomFrom(start);
  return Buffer.from(Uint8Array.from({ length }, () => random() * 256));
}
