import { createRemoteDocuments, type RemoteDocumentsOptions } from "../../src/pipeline/remote-documents.ts";
import type { RemoteAnswer, RemoteDocument, RemoteRequest } from "../../src/receiver/remote.ts";
import { controllableClock } from "../../src/testing/clock.ts";
import { RecordingLogger } from "./recording-logger.ts";

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** A cache in front of a provider whose answers a test decides. Documents are texts: the number of the fetch that brought them. */
export function setUp(options: Partial<RemoteDocumentsOptions> = {}) {
  const clock = controllableClock();
  const log = new RecordingLogger();
  const asked: RemoteRequest[] = [];
  const provider = {
    answer: async (): Promise<string> => `version ${asked.length}`,
    fails: (cause: unknown = new Error("unreachable")) => {
      provider.answer = () => Promise.reject(cause);
    },
    recovers: () => {
      provider.answer = async () => `version ${asked.length}`;
    },
  };
  const fetch = async (request: RemoteRequest): Promise<RemoteAnswer> => {
    asked.push(request);
    return { headers: {}, body: Buffer.from(await provider.answer()) };
  };
  const documents = createRemoteDocuments({ fetch, clock, logger: log, ...options });
  const load = (document: Partial<RemoteDocument<string>> = {}) => documents.load({ ...keys, ...document });
  const codeOf = (document: Partial<RemoteDocument<string>> = {}) =>
    load(document).then(
      (text) => text,
      (error) => error.code,
    );
  return { clock, log, asked, provider, load, codeOf };
}

export const keys: RemoteDocument<string> = { url: "https://keys.example.com/keys", parse: ({ body }) => body.toString() };
export const insufficient = { suffices: () => false };
export const at = (number: number) => ({ url: `https://keys.example.com/${number}` });
