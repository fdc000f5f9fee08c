import type { ReceiverRequest } from "../request.ts";

/** The request with headers in the place of those of the same name. To sign only. */
export function withHeaders(request: ReceiverRequest, headers: Readonly<Record<string, string>>): ReceiverRequest {
  const replaced = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const { raw } = request.headers;
  const kept = raw.flatMap((name, i) => (i % 2 === 0 && !replaced.has(name.toLowerCase()) ? [name, raw[i + 1] ?? ""] : []));
  return request.with({ rawHeaders: [...kept, ...Object.entries(headers).flat()] });
}
