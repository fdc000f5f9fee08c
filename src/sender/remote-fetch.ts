import type { RemoteFetch } from "../receiver/remote.ts";
import { createGuardedClient, type GuardedClient } from "./guarded-client.ts";
import { failed } from "./request-errors.ts";

/** Fetches what proofs need through the guarded client: 64 KiB at most, within 3 seconds, and only a 200 is an answer. */
export function createRemoteFetch(client: GuardedClient): RemoteFetch {
  return async (request) => {
    const { status, headers, body } = await client.request({ ...request, maxBytes: 64 * 1024, timeoutMs: 3_000 });
    if (status !== 200) throw failed(new URL(request.url), `the answer has the status ${status}, not 200.`);
    return { headers, body };
  };
}

/** What keys are fetched with unless an application says otherwise: from public https hosts and nowhere else. */
export function defaultRemoteFetch(): RemoteFetch {
  return createRemoteFetch(createGuardedClient());
}
