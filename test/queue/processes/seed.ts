import { randomInt } from "node:crypto";
import { randomFrom } from "../../faults/random.ts";

export { randomFrom };

/** What a run depends on, besides the machine. `HOOKWRIGHT_SEED` repeats one. */
export const seed = Number(process.env["HOOKWRIGHT_SEED"] ?? randomInt(2 ** 31));

/** Bytes of any value, the same for the same seed. */
export function randomBytesFrom(start: number, length: number): Buffer {
  const random = randomFrom(start);
  return Buffer.from(Uint8Array.from({ length }, () => random() * 256));
}
