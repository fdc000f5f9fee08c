/** An answer in JSON. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A value as an answer in JSON, never to be taken for HTML. */
export function jsonAnswer(value: object, status = 200): JsonAnswer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "x-content-type-options": "nosniff" },
    body: JSON.stringify(value),
  };
}
