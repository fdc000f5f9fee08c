/** One element of DER: its tag, its content, and where it ends. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  readonly end: number;
}

export const derTags = { boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, sequence: 0x30 } as const;

/**
 * Reads the element at a position.
 *
 * @throws RangeError if it reaches beyond the bytes or has a length or tag of a kind that certificates do not have.
 */
export function readDer(bytes: Buffer, at = 0): DerElement {
  const tag = byteAt(bytes, at);
  let length = byteAt(bytes, at + 1);
  let start = at + 2;
  if (length > 0x80) {
    const digits = length - 0x80;
    if (digits > 3) throw new RangeError("DER: the length is too long.");
    length = 0;
    for (let i = 0; i < digits; i++) length = length * 256 + byteAt(bytes, start + i);
    start += digits;
  }
  const end = start + length;
  if ((tag & 0x1f) === 0x1f || byteAt(bytes, at + 1) === 0x80 || end > bytes.length) throw new RangeError("DER: unexpected element.");
  return { tag, content: bytes.subarray(start, end), end };
}

/** The elements inside a constructed one. */
export function derChildren(content: Buffer): readonly DerElement[] {
  const children: DerElement[] = [];
  for (let at = 0; at < content.length; ) {
    const child = readDer(content, at);
    children.push(child);
    at = child.end;
  }
  return children;
}

/** An object identifier in dotted form. */
export function oidText(content: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join(".");
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new RangeError("DER: the bytes end too early.");
  return byte;
}
