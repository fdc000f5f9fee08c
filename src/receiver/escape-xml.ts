/**
 * Text as XML, for content and for attribute values in either quotes. Tabs and line breaks become references too, since a parser
 * would change them in attributes. What XML 1.0 cannot hold is left out. XML 1.0, sections 2.2 and 3.3.3.
 */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
