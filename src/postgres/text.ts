/** The control character "data link escape", followed by four hexadecimal digits, stands for a character. */
const escapeMark = "\u0010";
/** The escape itself, what PostgreSQL's text cannot hold (NUL), and what UTF-8 cannot (half a surrogate pair). */
const unsafe = new RegExp(`[${escapeMark}\0\\p{Surrogate}]`, "gu");
const escaped = new RegExp(`${escapeMark}([0-9a-f]{4})`, "g");

/** Any text in a form that the database's text can hold. */
export function toColumn(text: string): string {
  return text.replace(unsafe, (character) => escapeMark + character.charCodeAt(0).toString(16).padStart(4, "0"));
}

/** The text that {@link toColumn} was given. */
export function fromColumn(text: string): string {
  return text.includes(escapeMark) ? text.replace(escaped, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))) : text;
}
