import type { ReceiverRequest } from "../request.ts";

/** The body of a request with values put at paths of a JSON body, or into fields of a form. To sign only. */
export function withFields(request: ReceiverRequest, fields: Readonly<Record<string, string | number>>): Buffer {
  const text = request.body.toString("utf8");
  if (/x-www-form-urlencoded/i.test(request.headers.get("content-type") ?? "")) {
    const form = new URLSearchParams(text);
    for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
    return Buffer.from(form.toString());
  }
  const data: unknown = text === "" ? {} : JSON.parse(text);
  for (const [path, value] of Object.entries(fields)) setAt(data, path.split("."), value);
  return Buffer.from(JSON.stringify(data));
}

function setAt(into: unknown, [key = "", ...rest]: readonly string[], value: string | number): void {
  if (typeof into !== "object" || into === null) throw new TypeError(`sign: there is no place for ${key} in the body.`);
  if (key === "*") {
    for (const item of Array.isArray(into) ? into : []) setAt(item, rest, value);
    return;
  }
  const members = into as Record<string, unknown>;
  if (rest.length === 0) members[key] = value;
  else {
    members[key] ??= {};
    setAt(members[key], rest, value);
  }
}
