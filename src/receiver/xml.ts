import { XMLParser, XMLValidator } from "fast-xml-parser";
import { RequestError } from "../errors.ts";

/**
 * An XML text as a tree of objects: attributes with `@` before their name, text under `#text`, every value a string.
 *
 * @throws RequestError `hostile_body` for a DOCTYPE, whatever it declares, and `malformed_body`.
 */
export function parseXml(text: string): unknown {
  if (/<!DOCTYPE/i.test(text)) throw new RequestError("hostile_body", "The XML has a DOCTYPE.");
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new RequestError("malformed_body", "The body is not well-formed XML.");
  try {
    return parser.parse(text);
  } catch (cause) {
    throw new RequestError("malformed_body", undefined, { cause });
  }
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: true,
  htmlEntities: true, // without it, numeric references such as `&#65;` stay as they are
});
