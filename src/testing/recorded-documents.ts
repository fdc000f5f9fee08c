import { ApplicationError } from "../errors.ts";
import type { RemoteDocuments } from "../receiver/index.ts";
import type { RecordedAnswer } from "./vector.ts";

/**
 * Keys and certificates from recorded answers, by the document's name in the cache or else by its URL. Whatever is not recorded
 * cannot be had, as if the provider were away.
 */
export function recordedDocuments(answers: Readonly<Record<string, RecordedAnswer>>): RemoteDocuments {
  return {
    load: async ({ url, cacheKey = url, parse }) => {
      const answer = [cacheKey, url].flatMap((name) => (Object.hasOwn(answers, name) ? (answers[name] ?? []) : []))[0];
      if (answer === undefined) throw new ApplicationError("keys_unavailable", `No answer is recorded for ${url}.`);
      const { body, headers = {} } = typeof answer === "string" ? { body: answer } : answer;
      return parse({ headers, body: Buffer.from(body, "utf8") });
    },
  };
}
