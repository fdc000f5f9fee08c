import type { BodyKind, BodyRule } from "../receiver/index.ts";

/** A body as a test gives it. */
export type BodyValue = string | Buffer | object;

/** The content type of the kind of body that a receiver prefers. */
export function contentTypeOf(rule: BodyRule): string {
  return contentTypes[rule.kinds[0] ?? "json"];
}

/**
 * A body as bytes. A form holds the JSON in one field where the rule names one, else one field for each member.
 *
 * @throws TypeError for an object where the content type is neither JSON nor a form.
 */
export function encodeBody(body: BodyValue | undefined, contentType: string | undefined, rule: BodyRule): Buffer {
  if (Buffer.isBuffer(body)) return body;
  if (typeof body === "string") return Buffer.from(body, "utf8");
  if (contentType?.includes("form-urlencoded")) return Buffer.from(formOf(body ?? {}, rule.jsonField), "utf8");
  if (contentType?.includes("multipart")) return Buffer.from(multipartOf(body ?? {}, rule.jsonField), "utf8");
  if (contentType?.includes("json")) return Buffer.from(JSON.stringify(body ?? {}), "utf8");
  if (body === undefined) return Buffer.alloc(0);
  throw new TypeError(`signRequest: an object cannot become ${contentType}. Give the body as text.`);
}

function formOf(body: object, jsonField: string | undefined): string {
  if (jsonField !== undefined) return new URLSearchParams({ [jsonField]: JSON.stringify(body) }).toString();
  const fields = Object.entries(body).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)]));
  return new URLSearchParams(fields).toString();
}

function multipartOf(body: object, jsonField: string | undefined): string {
  const fields = new URLSearchParams(formOf(body, jsonField));
  const parts = [...fields].map(([name, value]) => `--hookwright\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  return `${parts.join("")}--hookwright--\r\n`;
}

const contentTypes: Readonly<Record<BodyKind, string>> = {
  json: "application/json",
  form: "application/x-www-form-urlencoded",
  xml: "application/xml",
  text: "text/plain",
  multipart: "multipart/form-data; boundary=hookwright",
  any: "application/octet-stream",
};
