import { createHash, timingSafeEqual } from "node:crypto";

/** Whether two texts are the same, in time that does not depend on where or by how much they differ. */
export function isSameText(expected: string | Buffer, given: string | Buffer | null | undefined): boolean {
  return given !== null && given !== undefined && timingSafeEqual(sha256(expected), sha256(given));
}

/** Hashing both sides gives equal lengths, so that comparing tells nothing, not even how long the secret is. */
function sha256(text: string | Buffer): Buffer {
  return createHash("sha256").update(text).digest();
}
