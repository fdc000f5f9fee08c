/** Types of PostgreSQL by their number in `pg_type`. */
const typeNumbers = { bytea: 17, text: 25 } as const;

/**
 * An array as PostgreSQL's binary format has it: `pg` sends a Buffer as it is, where it would write an array of them as
 * text, two hexadecimal digits a byte. Format: array_recv in src/backend/utils/adt/arrayfuncs.c.
 */
export function binaryArray(type: keyof typeof typeNumbers, items: readonly (Uint8Array | string)[]): Buffer {
  const sizes = items.map((item) => (typeof item === "string" ? Buffer.byteLength(item) : item.byteLength));
  const buffer = Buffer.allocUnsafe(sizes.reduce((total, size) => total + 4 + size, items.length === 0 ? 12 : 20));
  const hasItems = items.length > 0;
  let offset = writeNumbers(buffer, 0, [hasItems ? 1 : 0, 0, typeNumbers[type], ...(hasItems ? [items.length, 1] : [])]);
  for (const [index, item] of items.entries()) {
    offset = buffer.writeInt32BE(sizes[index] ?? 0, offset);
    if (typeof item === "string") offset += buffer.write(item, offset);
    else {
      buffer.set(item, offset);
      offset += item.byteLength;
    }
  }
  return buffer;
}

function writeNumbers(buffer: Buffer, start: number, numbers: readonly number[]): number {
  return numbers.reduce((offset, number) => buffer.writeInt32BE(number, offset), start);
}
