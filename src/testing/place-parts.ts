import { type Receiver, type Source, valuesAt } from "../receiver/index.ts";
import type { BodyValue } from "./encode-body.ts";

/** What is to be placed. */
export interface PlaceOptions {
  readonly event?: string;
  readonly deliveryId: string;
  readonly body?: BodyValue;
  /** Whether an id that the body has already stays. */
  readonly keepsId: boolean;
}

/** Where an event and a delivery id ended up. Text and bytes are never changed. */
export interface PlacedParts {
  readonly headers: Record<string, string>;
  readonly query: Record<string, string>;
  readonly body: BodyValue | undefined;
}

/** Puts an event and a delivery id where the receiver's sources read them; `sample` speaks for sources that are functions. */
export function placeParts(receiver: Receiver, { event, deliveryId, body, keepsId }: PlaceOptions): PlacedParts {
  const sample = receiver.sample?.(event, deliveryId) ?? {};
  const headers = Object.fromEntries(Object.entries(sample.headers ?? {}).map(([name, text]) => [name.toLowerCase(), text]));
  const query: Record<string, string> = { ...sample.query };
  let members = isOpen(body) ? merge(sample.body, body) : body;
  const place = (source: Source | undefined, value: string): void => {
    if (source === undefined || typeof source === "function") return;
    if ("header" in source) headers[source.header.toLowerCase()] = value;
    else if ("query" in source) query[source.query] = value;
    else if ("firstOf" in source) place(source.firstOf[0], value);
    else if ("each" in source)
      placeJoined(
        source.joined.map((path) => ({ body: `${source.each}.${path}` })),
        value,
        source.separator ?? ".",
      );
    else if ("narrowedBy" in source) placeJoined([source.name, source.narrowedBy], value, ".");
    else if ("joined" in source) placeJoined(source.joined, value, source.separator ?? ".");
    else if ("body" in source && isOpen(members)) members = nest(source.body.split("."), value, members) as object;
  };
  const placeJoined = (sources: readonly Source[], value: string, separator: string): void => {
    const texts = value.split(separator);
    for (const [index, one] of sources.entries()) {
      const text = index === sources.length - 1 ? texts.slice(index).join(separator) : texts[index];
      if (text !== undefined && text !== "") place(one, text);
    }
  };
  const isPlaced = (source: Source): boolean =>
    hasValue(source, members) || (typeof source === "object" && "header" in source && headers[source.header.toLowerCase()] !== undefined);
  if (event !== undefined) place(receiver.events, event);
  if (!keepsId || !hasValue(receiver.deliveryId, members)) {
    place(receiver.deliveryId, deliveryId);
    // One that is joined counts only with all its parts.
    const parts =
      typeof receiver.deliveryId === "object" && "joined" in receiver.deliveryId && !("each" in receiver.deliveryId)
        ? receiver.deliveryId.joined
        : [];
    for (const part of parts) if (!isPlaced(part)) place(part, "1");
  }
  return { headers, query, body: members };
}

function isOpen(body: BodyValue | undefined): body is object | undefined {
  return body === undefined || (typeof body === "object" && !Buffer.isBuffer(body) && !Array.isArray(body));
}

function merge(sample: object | undefined, body: object | undefined): object | undefined {
  return sample === undefined ? body : { ...sample, ...body };
}

function hasValue(source: Source | undefined, body: BodyValue | undefined): boolean {
  return typeof source === "object" && "body" in source && valuesAt(body, source.body).length > 0;
}

/** `into` with `value` at a path; a `*` makes or changes the first item of a list. */
function nest(path: readonly string[], value: unknown, into: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (key === "*") {
    const [first, ...more] = Array.isArray(into) ? into : [];
    return [nest(rest, value, first), ...more];
  }
  const members: Record<string, unknown> = typeof into === "object" && into !== null && !Array.isArray(into) ? { ...into } : {};
  return { ...members, [key]: nest(rest, value, members[key]) };
}
