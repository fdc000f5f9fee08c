import { ApplicationError } from "../errors.ts";
import type { RemoteDocuments } from "../receiver/index.ts";
import type { RecordedAnswer } from "./vector.ts";

/**
 * Keys and certificates from recorded answers, by URL. Whatever is not recorded cannot be had, as if the provider were away.
 */
export function recordedDocuments(answers: Readonly<Record<string, RecordedAnswer>>): RemoteDocuments {
  return {
    load: async ({ url, parse }) => {
      const answer = Object.hasOwn(answers, url) ? answers[url] : undefined;
      if (answer === undefined) throw new ApplicationError("keys_unavailable", `No answer is recorded for ${url}.`);
      const { body, headers = {} } = typeof answer === "string" ? { body: answer } : answer;
      return parse({ headers, body: Buffer.from(body, "utf8") });
    },
  };
}
